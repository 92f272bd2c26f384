import type { PlannedCall } from "../../deploy/planned-call.js";
import type { Policy } from "../../deploy/watch/iam.js";

const place = "us-east-1:123456789012";
const sagemaker = (kind: string, name: unknown) => `arn:aws:sagemaker:${place}:${kind}/${String(name).toLowerCase()}`;

/** An action on a resource, as a policy names them. */
type Right = Readonly<{ action: string; resource: string }>;

/** What AWS asks of whoever sends a call: its own action, and further ones by what it touches. */
function rightsOf({ service, operation, input }: PlannedCall): readonly Right[] {
  const right = (action: string, resource = "*"): Right => ({ action, resource });
  switch (service) {
    case "sagemaker":
      return sagemakerRights(operation, input);
    case "application-auto-scaling":
      return [right(`application-autoscaling:${operation}`)];
    case "cloudwatch": {
      const names = (input.AlarmNames as readonly string[] | undefined) ?? [String(input.AlarmName)];
      const isList = operation === "ListDashboards" || operation === "GetMetricData";
      if (isList || operation === "DescribeAlarms")
        return [right(`cloudwatch:${operation}`, isList ? "*" : `arn:aws:cloudwatch:${place}:alarm:any`)];
      return names.map((name) => right(`cloudwatch:${operation}`, `arn:aws:cloudwatch:${place}:alarm:${name}`));
    }
    case "logs": {
      if (operation === "DescribeLogGroups") return [right("logs:DescribeLogGroups")];
      const group = `arn:aws:logs:${place}:log-group:${input.logGroupName}:*`;
      const tagging = input.tags === undefined ? [] : [right("logs:TagResource", group)];
      return [right(`logs:${operation}`, group), ...tagging];
    }
    case "s3":
      return [right("s3:GetObject", `arn:aws:s3:::${input.Bucket}/${input.Key}`)];
    case "ecr":
      return [right(`ecr:${operation}`, `arn:aws:ecr:${place}:repository/${input.repositoryName}`)];
    default:
      throw new RangeError(`nobody has said which rights ${service} asks`);
  }
}

function sagemakerRights(operation: string, input: PlannedCall["input"]): readonly Right[] {
  const action = `sagemaker:${operation}`;
  if (operation.startsWith("List") && operation !== "ListTags") return [{ action, resource: "*" }];
  const touched = [
    ...(input.ResourceArn === undefined ? [] : [String(input.ResourceArn)]),
    ...(/Model$/.test(operation) ? [sagemaker("model", input.ModelName)] : []),
    ...(input.EndpointConfigName === undefined ? [] : [sagemaker("endpoint-config", input.EndpointConfigName)]),
    ...(input.EndpointName === undefined ? [] : [sagemaker("endpoint", input.EndpointName)]),
    ...(input.TransformJobName === undefined ? [] : [sagemaker("transform-job", input.TransformJobName)]),
    ...(input.ProcessingJobName === undefined ? [] : [sagemaker("processing-job", input.ProcessingJobName)]),
  ];
  const actions = input.Tags === undefined ? [action] : [action, "sagemaker:AddTags"];
  const role = input.RoleArn ?? input.ExecutionRoleArn;
  return [
    ...actions.flatMap((each) => touched.map((resource) => ({ action: each, resource }))),
    ...(role === undefined ? [] : [{ action: "iam:PassRole", resource: String(role) }]),
  ];
}

/** The first right that a call asks and a policy does not give, or null. */
export function findDenied(policy: Policy, call: PlannedCall): Right | null {
  const isGiven = ({ action, resource }: Right) =>
    policy.Statement.some(
      ({ Action, Resource }) => Action.includes(action) && Resource.some((pattern) => matches(pattern, resource)),
    );
  return rightsOf(call).find((right) => !isGiven(right)) ?? null;
}

/** What a policy gives and none of the calls asks for: actions, and the resources that they are for. */
export function findUnasked(policy: Policy, calls: readonly PlannedCall[]): readonly string[] {
  const rights = calls.flatMap(rightsOf);
  return policy.Statement.flatMap(({ Action, Resource }) => {
    const asked = rights.filter(({ action }) => Action.includes(action));
    const actions = Action.filter((action) => !asked.some((right) => right.action === action));
    const resources = Resource.filter((pattern) => !asked.some(({ resource }) => matches(pattern, resource)));
    return [...actions, ...resources];
  });
}

/** A policy's `*` is any text. */
function matches(pattern: string, resource: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`).test(resource);
}
