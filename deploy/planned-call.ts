/** An AWS service whose calls are planned; each has its model in `deploy/models/`. */
export const serviceNames = [
  "sagemaker",
  "application-auto-scaling",
  "cloudwatch",
  "logs",
  "s3",
  "sns",
  "iam",
  "ecr",
  "ecs",
  "sts",
  "service-quotas",
] as const;
export type ServiceName = (typeof serviceNames)[number];

/**
 * One AWS call as data, so that a plan can be printed, compared and tested without AWS. `input` is what the service's
 * API takes for the operation, by its own field names.
 */
export type PlannedCall = Readonly<{
  service: ServiceName;
  operation: string;
  input: Readonly<Record<string, unknown>>;
}>;

/**
 * Sends one call and gives the service's answer.
 * @throws the SDK's error, with the service's own code as its `name`
 */
export type SendCall = (call: PlannedCall) => Promise<Readonly<Record<string, unknown>>>;
