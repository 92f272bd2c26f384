import { validateCall } from "../../deploy/models/validate-call.js";
import type { PlannedCall, SendCall } from "../../deploy/planned-call.js";

type Answer = Readonly<Record<string, unknown>>;

/** By operation: what AWS answers, an error as the SDK throws it, or what depends on the call's input. */
export type Answers = Readonly<Record<string, Answer | Error | ((input: PlannedCall["input"]) => Answer | Error)>>;

/** An error as the SDK throws it: AWS's own code as its name. */
export function awsError(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

/** Sends to nobody: each call is held against AWS's own model, noted, and answered as AWS would. */
export function recordedAws(answers: Answers): Readonly<{ send: SendCall; calls: readonly PlannedCall[] }> {
  const calls: PlannedCall[] = [];
  const send: SendCall = async (call) => {
    calls.push(call);
    const problems = validateCall(call);
    if (problems.length > 0) throw awsError("ValidationException", problems.join("; "));
    const answer = answers[call.operation];
    if (answer === undefined) throw new RangeError(`no answer is recorded for ${call.operation}`);
    const said = typeof answer === "function" ? answer(call.input) : answer;
    if (said instanceof Error) throw said;
    return said;
  };
  return { send, calls };
}
