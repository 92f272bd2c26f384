import type { Statement } from "./iam.js";
import { scalingService, toArns } from "./iam-arns.js";
import { allow } from "./iam-execution.js";
import type { IamSpec } from "./iam-spec.js";

/** What whoever runs `stygig deploy`, `invoke` and `doctor` needs for this one endpoint. */
export function callerStatements(spec: IamSpec): readonly Statement[] {
  return [...sagemakerStatements(spec), ...scalingStatements(spec), ...watchStatements(spec), ...storeStatements(spec)];
}

function sagemakerStatements(spec: IamSpec): readonly Statement[] {
  const { models, configs, endpoint, jobs } = toArns(spec);
  const of = (...names: readonly string[]) => names.map((name) => `sagemaker:${name}`);
  return [
    giveRole(spec.roleArn),
    // One statement, for a policy may have 6,144 characters: an action only ever touches parts of its own kind.
    allow(
      "Endpoint",
      of(
        ...["CreateModel", "DescribeModel", "DeleteModel"],
        ...["CreateEndpointConfig", "DescribeEndpointConfig", "DeleteEndpointConfig"],
        ...["CreateEndpoint", "DescribeEndpoint", "UpdateEndpoint", "DeleteEndpoint"],
        ...["UpdateEndpointWeightsAndCapacities", "InvokeEndpoint", "InvokeEndpointAsync"],
        ...["CreateTransformJob", "DescribeTransformJob", "StopTransformJob", "AddTags", "ListTags"],
      ),
      [...models, ...configs, ...endpoint, ...jobs],
    ),
    // Lists cannot be narrowed.
    allow("Lists", of("ListModels", "ListEndpointConfigs", "ListEndpoints", "ListTransformJobs"), ["*"]),
  ];
}

function scalingStatements(spec: IamSpec): readonly Statement[] {
  const { scalingRole } = toArns(spec);
  const of = (...names: readonly string[]) => names.map((name) => `application-autoscaling:${name}`);
  const onEndpoints = { StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } };
  return [
    {
      ...allow(
        "Scale",
        of("RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy", "DeleteScalingPolicy"),
        ["*"],
      ),
      Condition: onEndpoints,
    },
    allow("SeeScaling", of("DescribeScalableTargets", "DescribeScalingPolicies"), ["*"]),
    {
      ...allow("FirstScalingOfAccount", ["iam:CreateServiceLinkedRole"], [scalingRole]),
      Condition: { StringEquals: { "iam:AWSServiceName": scalingService } },
    },
  ];
}

function watchStatements(spec: IamSpec): readonly Statement[] {
  const { alarms, trackingAlarms, anyAlarm, dashboard, endpointLogs } = toArns(spec);
  const cloudwatch = (...names: readonly string[]) => names.map((name) => `cloudwatch:${name}`);
  const logs = (...names: readonly string[]) => names.map((name) => `logs:${name}`);
  return [
    // Target tracking puts its own alarms in the name of whoever puts the policy.
    allow("Alarms", cloudwatch("PutMetricAlarm", "DeleteAlarms", "TagResource"), [alarms, trackingAlarms]),
    allow("SeeAlarms", cloudwatch("DescribeAlarms"), [anyAlarm]),
    allow("Dashboard", cloudwatch("PutDashboard", "GetDashboard", "DeleteDashboards"), [dashboard]),
    allow("SeeMetrics", cloudwatch("GetMetricData", "ListDashboards"), ["*"]),
    allow(
      "Logs",
      logs(
        ...["CreateLogGroup", "PutRetentionPolicy", "DeleteLogGroup", "TagResource"],
        ...["DescribeLogStreams", "GetLogEvents", "FilterLogEvents"],
      ),
      endpointLogs,
    ),
    allow("SeeLogGroups", logs("DescribeLogGroups"), ["*"]),
  ];
}

function storeStatements(spec: IamSpec): readonly Statement[] {
  const { bucket, objects, repository } = toArns(spec);
  const ecr = (...names: readonly string[]) => names.map((name) => `ecr:${name}`);
  return [
    allow("Objects", ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], [objects]),
    allow("Bucket", ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], [bucket]),
    allow(
      "Image",
      ecr(
        ...["CreateRepository", "DescribeRepositories", "DescribeImages", "BatchGetImage", "GetDownloadUrlForLayer"],
        ...["BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage"],
      ),
      [repository],
    ),
    allow("LogInToRegistry", ecr("GetAuthorizationToken"), ["*"]),
    allow("CheckRole", ["iam:GetRole", "iam:SimulatePrincipalPolicy"], [spec.roleArn]),
    allow("CheckQuotas", ["servicequotas:ListServiceQuotas"], ["*"]),
    ...(spec.kmsKeyArn === null ? [] : [allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [spec.kmsKeyArn])]),
  ];
}

/** The role may be given to SageMaker, and to no other service. */
export function giveRole(roleArn: string): Statement {
  return {
    ...allow("GiveRole", ["iam:PassRole"], [roleArn]),
    Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
  };
}
