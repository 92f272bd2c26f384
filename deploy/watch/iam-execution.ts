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
    ...containerStatements({
      ...{ repository: arns.repository, logs: [...arns.endpointLogs, ...arns.jobLogs] },
      ...{ metricNamespaces, kmsKeyArn: spec.kmsKeyArn },
    }),
    // An update asks for the alarms that undo it, in the role's name.
    allow("SeeRollbackAlarms", ["cloudwatch:DescribeAlarms"], [arns.anyAlarm]),
    ...(spec.topicArn === null ? [] : [allow("TellOfAnswers", ["sns:Publish"], [spec.topicArn])]),
  ];
}

type Container = Readonly<{
  repository: string;
  logs: readonly string[];
  metricNamespaces: readonly string[];
  kmsKeyArn: string | null;
}>;

/** What any container of ours needs: its image, its log, its measurements and its bucket's key. */
export function containerStatements(container: Container): readonly Statement[] {
  const { repository, logs, metricNamespaces, kmsKeyArn } = container;
  return [
    allow(
      "PullImage",
      ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      [repository],
    ),
    allow("LogInToRegistry", ["ecr:GetAuthorizationToken"], ["*"]),
    allow(
      "WriteLogs",
      ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      logs,
    ),
    {
      ...allow("WriteMetrics", ["cloudwatch:PutMetricData"], ["*"]),
      Condition: { StringEquals: { "cloudwatch:namespace": metricNamespaces } },
    },
    ...(kmsKeyArn === null ? [] : [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [kmsKeyArn])]),
  ];
}

/** The platform's own two, and the one that STYGIG_EMF_NAMESPACE has by default. */
const metricNamespaces = ["/aws/sagemaker/Endpoints", "/aws/sagemaker/TransformJobs", "StyGig"] as const;

/** A permission without a condition. */
export function allow(Sid: string, Action: readonly string[], Resource: readonly string[]): Statement {
  return { Sid, Effect: "Allow", Action, Resource };
}
