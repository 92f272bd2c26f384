import { passingFailure } from "./retry.js";

/** Asked again, these say the same: a name that does not exist, a certificate that nobody vouches for. */
const lastingCodes = /^(ENOTFOUND|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_|ERR_SSL_|ERR_INVALID_URL)/;

/** What went wrong between us and a host, as one line; passing unless nothing can come of another try. */
export function explainNetworkFailure(host: string, error: unknown): unknown {
  // The client's own failures are TypeErrors with the network's error as their cause; all others have their text already.
  if (!(error instanceof TypeError) || !(error.cause instanceof Error)) return error;
  const { code, message } = error.cause as NodeJS.ErrnoException;
  if (code === "ENOTFOUND")
    return new Error(`${host} is not found (ENOTFOUND): no network, or a mistyped HF_ENDPOINT?`);
  if (code !== undefined && lastingCodes.test(code)) return new Error(`${host}: ${message} (${code})`);
  return passingFailure(`the connection to ${host} failed (${code ?? message})`);
}

/** A reply that is no success, told from the hub's own codes. `what` is what was asked for, as a message names it. */
export type RefusedReply = Readonly<{
  status: number;
  headers: Headers;
  isElsewhere: boolean;
  host: string;
}>;

export type Asked = Readonly<{ repository: string; revision: string; file: string | null; hasToken: boolean }>;

/** Why a reply is no success: passing for overload and outages, lasting for what only the caller can change. */
export function explainRefusal(reply: RefusedReply, asked: Asked): Error {
  const { status, headers, host, isElsewhere } = reply;
  if (status === 429) return passingFailure(`${host} has had too many requests (429)`, askedPauseMs(headers));
  if (status === 408 || status >= 500) return passingFailure(`${host} answered ${status}`, askedPauseMs(headers));
  // The address of a file in the hub's storage is signed and expires; the next try gets a new one.
  if (isElsewhere) return passingFailure(`${host} answered ${status} where the hub sent us for the file`);
  return new Error(explainStatus(status, headers, asked));
}

function explainStatus(status: number, headers: Headers, { repository, revision, file, hasToken }: Asked): string {
  const code = headers.get("x-error-code");
  const said = saidBy(headers);
  if (code === "GatedRepo") {
    const first = `${repository} is gated: accept its terms on its page of the hub`;
    return hasToken ? `${first} with the account of HF_TOKEN${said}` : `${first}, then set HF_TOKEN${said}`;
  }
  if (code === "RevisionNotFound") return `${repository} has no revision ${revision}`;
  if (code === "EntryNotFound") return `${repository} has no ${file ?? "such file"} at ${revision}`;
  // Without a token the hub says 401 of what does not exist as of what is private, so as not to give it away.
  if (status === 401 && !hasToken) return `${repository} does not exist, or is private: then set HF_TOKEN${said}`;
  if (status === 401) return `the hub does not accept HF_TOKEN for ${repository}${said}`;
  if (status === 403) return `the hub forbids ${repository} to this account${said}`;
  if (status === 404 || code === "RepoNotFound") return `the hub has no ${repository}, or not for this account${said}`;
  return `the hub answered ${status} for ${repository}${said}`;
}

/** The hub's own words, short and without anything that a terminal would obey. */
function saidBy(headers: Headers): string {
  const words = (headers.get("x-error-message") ?? "").replace(/[^\x20-\x7e]/g, " ").trim();
  return words === "" ? "" : ` (the hub says: ${words.slice(0, 200)})`;
}

/** `Retry-After` in seconds or as a date, or what is left of the window in `RateLimit: "resolvers";r=0;t=55`. */
function askedPauseMs(headers: Headers): number | null {
  const after = headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,6}$/.test(after)) return Number(after) * 1000;
  // Their clock against their clock: ours may be wrong.
  const dateMs = Date.parse(after) - Date.parse(headers.get("date") ?? "");
  if (Number.isFinite(dateMs)) return Math.max(0, dateMs);
  const left = /(?:^|;)\s*t=(\d{1,6})\b/.exec(headers.get("ratelimit") ?? "");
  return left === null ? null : Number(left[1]) * 1000;
}
