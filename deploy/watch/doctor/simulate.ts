import type { SendCall } from "../../planned-call.js";
import type { Statement } from "../iam.js";

/** What somebody may not do, as `action on resource`. */
export type Denied = readonly string[];

type Result = Readonly<{ EvalActionName?: string; EvalResourceName?: string; EvalDecision?: string }>;

/**
 * Which rights of the statements IAM would deny, by its own simulation. A resource that ends in `*` stands for any of
 * them: one such, `example`, is asked for. The simulation knows the policies of whoever is asked about, and not the bucket's own.
 */
export async function findDenied(
  send: SendCall,
  arn: string,
  statements: readonly Statement[],
  example = "example",
): Promise<Denied> {
  const denied: string[] = [];
  for (const statement of statements) {
    const concrete = { ...statement, Resource: statement.Resource.map((each) => each.replace(/(?<=.)\*$/, example)) };
    for (const { EvalActionName, EvalResourceName, EvalDecision } of await simulate(send, arn, concrete)) {
      if (EvalDecision !== "allowed") denied.push(`${EvalActionName} on ${EvalResourceName ?? "*"}`);
    }
  }
  return denied;
}

async function simulate(send: SendCall, arn: string, statement: Statement): Promise<readonly Result[]> {
  const { Action, Resource, Condition } = statement;
  const resources = Resource.includes("*") ? {} : { ResourceArns: Resource };
  const context = Object.entries(Condition?.StringEquals ?? {}).map(([ContextKeyName, value]) => ({
    ContextKeyName,
    ContextKeyValues: typeof value === "string" ? [value] : [value[0]!],
    ContextKeyType: "string",
  }));
  const results: Result[] = [];
  let Marker: string | undefined;
  do {
    const answer = await send({
      service: "iam",
      operation: "SimulatePrincipalPolicy",
      input: {
        PolicySourceArn: arn,
        ActionNames: Action,
        ...resources,
        ...(context.length === 0 ? {} : { ContextEntries: context }),
        ...(Marker === undefined ? {} : { Marker }),
      },
    });
    results.push(...((answer.EvaluationResults ?? []) as readonly Result[]));
    Marker = answer.IsTruncated === true ? (answer.Marker as string) : undefined;
  } while (Marker !== undefined);
  if (results.length === 0) throw new Error("IAM's simulation answered nothing");
  return results;
}
