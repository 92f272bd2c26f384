import type { Statement } from "./iam.js";
import { toArns } from "./iam-arns.js";
import type { IamSpec } from "./iam-spec.js";

/** What the containers and the platform around them may do: read the artifact and pictures, write answers and logs. */
export function executionStatements(spec: IamSpec): readonly Statement[] {
  const arns = toArns(spec);
  return [
    allow("ReadArtifactAndPictures", ["s3:GetObject"], [arns.objects]),
    // Async and batch write their answers; a large one in parts, which are given up when the job ends.
    allow("WriteAnswers", ["s3:PutObject", "s3:AbortMultipartUpload"], [arns.objects]),
    allow("FindBucket", ["s3:ListBucket", "s3:GetBucketLocation"], [arns.bucket]),
    allow(
      "PullImage",
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      [arns.repository],
    ),
    allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
    allow(
      "WriteLogs",
      ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      [...arns.endpointLogs, ...arns.jobLogs],
    ),
    {
      ...allow("WriteMetrics", ["cloudwatch:PutMetricData"], ["*"]),
      Condition: { StringEquals: { "cloudwatch:namespace": metricNamespaces } },
    },
    // An update asks for the alarms that undo it, in the role's name.
    allow("SeeRollbackAlarms", ["cloudwatch:DescribeAlarms"], [arns.anyAlarm]),
    ...(spec.topicArn === null ? [] : [allow("TellOfAnswers", ["sns:Publish"], [spec.topicArn])]),
    ...(spec.kmsKeyArn === null ? [] : [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [spec.kmsKeyArn])]),
  ];
}

/** The platform's own two, and the one that STYGIG_EMF_NAMESPACE has by default. */
const metricNamespaces = ["/aws/sagemaker/Endpoints", "/aws/sagemaker/TransformJobs", "StyGig"] as const;

/** A permission without a condition. */
export function allow(Sid: string, Action: readonly string[], Resource: readonly string[]): Statement {
  return { Sid, Effect: "Allow", Action, Resource };
}
