import { type ErrorCode, type ErrorSpec, errorCatalog } from "../../src/domain/errors.js";
import type { Expectation, HostileRequest } from "./corpus/hostile-request.js";
import type { Exchange } from "./exchange.js";
import type { WireAnswer } from "./read-answers.js";

/** All that an answer of ours may say above its body; a further one was put there by a caller. */
const knownHeaders: ReadonlySet<string> = new Set([
  ...["content-type", "content-length", "date", "connection", "keep-alive", "allow", "retry-after"],
]);
const mostHeadBytes = 1024;
/** SageMaker hands on no more of an error. */
const mostErrorBytes = 2048;
/** Several times the largest answer about eighteen items, and the page of metrics. */
const mostAnswerBytes = 128 * 1024;
const mostBytesEach = 32 * 1024;

/** What no answer may hold, each with the name of what it is. */
export type Forbidden = Readonly<Record<string, string | RegExp>>;

/** Of stacks and of files that a program consists of. */
export const innerWorkings: Forbidden = {
  "a stack": /\s{4}at |\\n\s+at /,
  "the name of a source file": /\.[cm]?[tj]s:\d/,
  "a folder of packages": "node_modules",
  "a line of a password file": "root:x:",
};

/** What is wrong with how a request was answered, one sentence each; nothing if it was right. */
export function judge({ expects }: HostileRequest, outcome: Exchange, forbidden: Forbidden): readonly string[] {
  const [least, most] = expects.answers ?? [1, 1];
  const { answers, rest, received, endedBy } = outcome;
  const text = received.toString("latin1");
  const problems: string[] = [];
  if (endedBy === "nobody") problems.push("nobody ended the connection");
  if (expects.endsByServer === true && endedBy === "client") problems.push("the server did not end the connection");
  if (answers.length < least || answers.length > most)
    problems.push(`${answers.length} answers instead of ${least} to ${most}`);
  if (rest.length > 0 && least > 0) problems.push(`${rest.length} bytes behind the last answer`);
  for (const [what, found] of Object.entries(forbidden)) {
    if (typeof found === "string" ? text.includes(found) : found.test(text)) problems.push(`${what} in the answer`);
  }
  return [...problems, ...answers.flatMap((answer) => judgeAnswer(answer, expects))];
}

function judgeAnswer(answer: WireAnswer, expects: Expectation): readonly string[] {
  const { version, status, headers, headBytes, declaredBytes, body } = answer;
  const problems: string[] = [];
  const names = headers.map(([name]) => name);
  const unknown = names.find((name) => !knownHeaders.has(name));
  if (version !== "HTTP/1.1") problems.push(`an answer in ${version}`);
  if (!expects.statuses.includes(status)) problems.push(`status ${status}: ${body.toString("latin1", 0, 200)}`);
  if (unknown !== undefined) problems.push(`a header ${JSON.stringify(unknown)}`);
  if (new Set(names).size !== names.length) problems.push("a header twice");
  if (headBytes > mostHeadBytes) problems.push(`a head of ${headBytes} bytes`);
  if (declaredBytes === null) problems.push("no content-length");
  if (expects.isHead === true) return problems;
  const isRight = status === 200 ? judgeSuccess(answer, expects) : judgeError(answer, expects);
  return isRight === null ? problems : [...problems, isRight];
}

function judgeSuccess({ headers, body }: WireAnswer, { records }: Expectation): string | null {
  const most = records === undefined ? mostAnswerBytes : (records.count + 1) * mostBytesEach;
  if (body.length > most) return `an answer of ${body.length} bytes`;
  const type = headers.find(([name]) => name === "content-type")?.[1] ?? "";
  if (records !== undefined) return judgeRecords(body.toString(), records);
  // A ping has no body, and metrics are text of their own.
  if (type !== "application/json") return null;
  return parseOrNull(body.toString()) === null ? "an answer that is no JSON" : null;
}

function judgeRecords(text: string, { count, form }: NonNullable<Expectation["records"]>): string | null {
  const records = form === "lines" ? (count === 0 ? [] : text.split("\n").map(parseOrNull)) : listOf(text);
  if (records?.length !== count) return `${records?.length} records instead of ${count}`;
  for (const record of records) {
    const problem = judgeRecord(record);
    if (problem !== null) return problem;
  }
  return null;
}

function listOf(text: string): readonly unknown[] | null {
  const parsed = parseOrNull(text) as Readonly<{ predictions?: unknown }> | null;
  return Array.isArray(parsed?.predictions) ? parsed.predictions : null;
}

function judgeRecord(record: unknown): string | null {
  const { error, recommendations } = (record ?? {}) as Readonly<Record<string, unknown>>;
  if (Array.isArray(recommendations) && error === undefined) return null;
  const { code } = (error ?? {}) as Readonly<{ code?: unknown }>;
  const known = specOf(code);
  if (known === undefined)
    return `a record that is neither an answer nor an error: ${JSON.stringify(record)?.slice(0, 200)}`;
  return known.status >= 500 ? `a record that failed with ${code}` : null;
}

function judgeError({ status, headers, body }: WireAnswer, { mayBeBare = false }: Expectation): string | null {
  if (body.length === 0 && mayBeBare && status < 500) return null;
  if (body.length > mostErrorBytes) return `an error of ${body.length} bytes`;
  if (!headers.some(([name, value]) => name === "content-type" && value === "application/json"))
    return "an error that is no JSON";
  const { error } = (parseOrNull(body.toString()) ?? {}) as Readonly<{ error?: Readonly<Record<string, unknown>> }>;
  const keys = Object.keys(error ?? {}).join();
  if (keys !== "code,message,retryable,details") return `an error of the fields ${keys}`;
  const known = specOf(error?.code);
  if (known === undefined || known.status !== status) return `the code ${error!.code} with status ${status}`;
  return known.message === error!.message && known.retryable === error!.retryable
    ? null
    : "another message than the code's";
}

function specOf(code: unknown): ErrorSpec | undefined {
  return typeof code === "string" && Object.hasOwn(errorCatalog, code) ? errorCatalog[code as ErrorCode] : undefined;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
