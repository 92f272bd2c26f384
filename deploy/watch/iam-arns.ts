import { maxNameLength, toAlarmName, toLogGroupName } from "../names.js";
import { toDashboardName } from "./dashboard.js";
import type { IamSpec } from "./iam-spec.js";

/** The ARNs that an endpoint's policies speak of. */
export function toArns(spec: IamSpec) {
  const { partition, region, accountId, endpointName, bucket, prefix } = spec;
  const arn = (service: string, resource: string) => `arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  const logGroup = (name: string) => [arn("logs", `log-group:${name}`), arn("logs", `log-group:${name}:*`)];
  return {
    models: sagemakerNames(`${hashedBase(endpointName)}-*`).map((name) => arn("sagemaker", `model/${name}`)),
    configs: sagemakerNames(`${hashedBase(endpointName)}-*`).map((name) => arn("sagemaker", `endpoint-config/${name}`)),
    endpoint: sagemakerNames(endpointName).map((name) => arn("sagemaker", `endpoint/${name}`)),
    jobs: sagemakerNames(`${endpointName}*`).map((name) => arn("sagemaker", `transform-job/${name}`)),
    alarms: arn("cloudwatch", `alarm:${toAlarmName(endpointName, "*")}`),
    trackingAlarms: arn("cloudwatch", `alarm:TargetTracking-endpoint/${endpointName}/*`),
    anyAlarm: arn("cloudwatch", "alarm:*"),
    // Dashboards belong to an account, not to a region.
    dashboard: `arn:${partition}:cloudwatch::${accountId}:dashboard/${toDashboardName(endpointName)}`,
    endpointLogs: logGroup(toLogGroupName(endpointName)),
    jobLogs: logGroup("/aws/sagemaker/TransformJobs"),
    bucket: `arn:${partition}:s3:::${bucket}`,
    objects: `arn:${partition}:s3:::${bucket}/${prefix}*`,
    repository: arn("ecr", `repository/${spec.repository}`),
    scalingRole: `arn:${partition}:iam::${accountId}:role/aws-service-role/${scalingService}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
  };
}

/** Whose service-linked role scales endpoints. */
export const scalingService = "sagemaker.application-autoscaling.amazonaws.com";

/** What hashed names of an endpoint's parts begin with; a hyphen and eight digits follow. */
function hashedBase(endpointName: string): string {
  return endpointName.slice(0, maxNameLength - 9).replace(/-+$/, "");
}

/** SageMaker writes names in ARNs in lower case, and policies compare ARNs letter by letter. */
export function sagemakerNames(name: string): readonly string[] {
  return [...new Set([name, name.toLowerCase()])];
}
