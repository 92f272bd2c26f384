import { toFailureKind, toFailureLine } from "../../aws-failure.js";

/** `unknown` is what could not be asked: neither good nor bad. */
export type Outcome = "ok" | "warning" | "failed" | "unknown";

/** What a check found, in one line, and what to do about it. */
export type Verdict = Readonly<{ outcome: Outcome; finding: string; advice: string | null }>;

/** A check's verdict under the check's name. */
export type Finding = Readonly<{ name: string }> & Verdict;

/** A check by its name; what it throws is a verdict, too. */
export type Check = Readonly<{ name: string; look: () => Promise<Verdict> }>;

export const ok = (finding: string): Verdict => ({ outcome: "ok", finding, advice: null });
export const warning = (finding: string, advice: string): Verdict => ({ outcome: "warning", finding, advice });
export const failed = (finding: string, advice: string): Verdict => ({ outcome: "failed", finding, advice });
export const unknown = (finding: string, advice: string): Verdict => ({ outcome: "unknown", finding, advice });

/** The check's finding. A refusal to answer says nothing of what was asked, and neither does a broken connection. */
export async function carryOut({ name, look }: Check): Promise<Finding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, ...toVerdict(error) };
  }
}

function toVerdict(error: unknown): Verdict {
  const reason = toFailureLine(error);
  switch (toFailureKind(error)) {
    case "credentials":
      return failed(reason, "log in, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    case "refused":
      return unknown(reason, "whoever deploys needs this permission: `stygig deploy iam --policy caller` lists all");
    case "absent":
      return failed(reason, "check the name, the account and the region");
    default:
      return unknown(`could not be asked: ${reason}`, "try again, and see whether AWS can be reached from here");
  }
}
