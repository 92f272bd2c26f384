import { type Applied, type ApplyOptions, type ApplyParts, applyPlan } from "../../deploy/apply.js";
import type { DeploymentPlan } from "../../deploy/plan.js";
import { type AwsConnection, type AwsSender, createAwsSender } from "../../deploy/send-call.js";
import type { FakeAws } from "./fake-aws.js";

/** A clock that stands still but for whoever sleeps. */
export function aClock() {
  let milliseconds = 0;
  const slept: number[] = [];
  const sleep = async (pause: number) => {
    slept.push(pause);
    milliseconds += pause;
  };
  return { now: () => milliseconds, sleep, slept };
}

/** A sender to the fake, with an identity of its own. */
export function senderTo({ url }: Pick<FakeAws, "url">, more: Partial<AwsConnection> = {}): AwsSender {
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  return createAwsSender({ region: "us-east-1", endpointUrl: url, requestTimeoutMs: 300, credentials, ...more });
}

export type Told = Applied & Readonly<{ lines: readonly string[]; slept: readonly number[] }>;

type ApplyToOptions = Partial<ApplyOptions> & Readonly<{ signal?: AbortSignal; requestTimeoutMs?: number }>;

/** Carries out a plan against the fake, without waiting for anything but the wire. `signal` is the person's Ctrl-C. */
export async function applyTo(
  aws: Pick<FakeAws, "url">,
  plan: DeploymentPlan,
  { signal, requestTimeoutMs = 300, ...options }: ApplyToOptions = {},
): Promise<Told> {
  const sender = senderTo(aws, { requestTimeoutMs, ...(signal === undefined ? {} : { signal }) });
  const undoer = senderTo(aws);
  const clock = aClock();
  const lines: string[] = [];
  const tell = (line: string) => void lines.push(line);
  const undoing = { send: undoer.send, now: clock.now, sleep: clock.sleep, tell };
  const sleep = async (milliseconds: number) => {
    await clock.sleep(milliseconds);
    signal?.throwIfAborted();
  };
  const parts: ApplyParts = { ...undoing, send: sender.send, sleep, undoing };
  try {
    const applied = await applyPlan(parts, plan, { timeoutMs: 1_800_000, keepsOnFailure: false, ...options });
    return { ...applied, lines, slept: clock.slept };
  } finally {
    sender.close();
    undoer.close();
  }
}
