import type { SendCall } from "../../planned-call.js";
import type { S3Place } from "../../s3-uri.js";
import type { AwsSpec } from "./doctor.js";
import { type Check, failed, ok, type Verdict, warning } from "./finding.js";

/** Whether the artifact's bucket is in the endpoint's region, and whether the artifact is in it. */
export function storeChecks({ model, region }: AwsSpec, send: SendCall): readonly Check[] {
  if (model === null) return [];
  return [
    { name: "bucket", look: () => judgeBucket(model.bucket, region, send) },
    { name: "model", look: () => judgeModel(model, send) },
  ];
}

async function judgeBucket(Bucket: string, region: string, send: SendCall): Promise<Verdict> {
  const { LocationConstraint } = await send({ service: "s3", operation: "GetBucketLocation", input: { Bucket } });
  const place = toRegion(LocationConstraint);
  if (place === region) return ok(`${Bucket} is in ${region}`);
  return failed(`${Bucket} is in ${place}, and the endpoint in ${region}`, "copy the artifact to a bucket there");
}

/** The two oldest regions have names of their own here. */
function toRegion(constraint: unknown): string {
  if (constraint === undefined || constraint === null || constraint === "") return "us-east-1";
  return constraint === "EU" ? "eu-west-1" : String(constraint);
}

async function judgeModel({ bucket, key }: S3Place, send: SendCall): Promise<Verdict> {
  const answer = await send({ service: "s3", operation: "HeadObject", input: { Bucket: bucket, Key: key } });
  const found = `${answer.ContentLength} bytes${answer.LastModified instanceof Date ? `, of ${answer.LastModified.toISOString()}` : ""}`;
  if (answer.ContentLength === 0) return failed(`s3://${bucket}/${key} is empty`, "upload it again");
  if (key.endsWith(".tar.gz")) return ok(found);
  return warning(`${found}, and its name does not end in .tar.gz`, "the platform unpacks nothing else");
}
