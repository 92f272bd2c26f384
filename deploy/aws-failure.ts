/**
 * What an AWS error means here. SageMaker says "not there", "there already" and "in use" with one and the same code, so
 * that the text has to tell them apart; it is compared by parts, for AWS words it anew now and then.
 */
export type AwsFailureKind = "absent" | "existing" | "in-use" | "unchanged" | "refused" | "credentials" | "other";

type Rule = Readonly<{ kind: AwsFailureKind; name?: RegExp; text?: RegExp }>;

/** The first that fits counts. */
const rules: readonly Rule[] = [
  { kind: "unchanged", text: /with the currently in use endpoint configuration/i },
  { kind: "existing", text: /cannot create already existing|already exists/i },
  { kind: "existing", name: /AlreadyExists/ },
  {
    kind: "absent",
    name: /^(ObjectNotFoundException|ResourceNotFoundException|ResourceNotFound|NoSuchKey|NoSuchBucket|NotFound|NoSuchEntityException|RepositoryNotFoundException|ImageNotFoundException|RecordNotFound)$/,
  },
  { kind: "absent", text: /could not find|does not exist|not found/i },
  {
    kind: "in-use",
    text: /in[- ]use|in[- ]progress/i,
  },
  {
    kind: "in-use",
    name: /^(ResourceInUse|ResourceInUseException|ConcurrentUpdateException|OperationAbortedException)$/,
  },
  {
    kind: "refused",
    name: /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationErrorException|AuthorizationError|Forbidden|403)$/,
  },
  {
    kind: "credentials",
    name: /^(CredentialsProviderError|ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|InvalidSignatureException|TokenProviderError)$/,
  },
];

/** Any error that a call threw. */
export function toFailureKind(error: unknown): AwsFailureKind {
  const { name, text } = toWords(error);
  const rule = rules.find((each) => (each.name?.test(name) ?? true) && (each.text?.test(text) ?? true));
  return rule?.kind ?? "other";
}

/** On one line, with AWS's own code before its own words. */
export function toFailureLine(error: unknown): string {
  const { name, text } = toWords(error);
  const line = text.replace(/\s*\n\s*/g, " ").trim();
  return name === "Error" || line.startsWith(name) ? line : `${name}: ${line}`;
}

/** The call's answer, or null where what it asks for is not there. @throws any other error */
export async function orAbsent<Answer>(sent: Promise<Answer>): Promise<Answer | null> {
  try {
    return await sent;
  } catch (error) {
    if (toFailureKind(error) === "absent") return null;
    throw error;
  }
}

function toWords(error: unknown): Readonly<{ name: string; text: string }> {
  return error instanceof Error ? { name: error.name, text: error.message } : { name: "Error", text: String(error) };
}
