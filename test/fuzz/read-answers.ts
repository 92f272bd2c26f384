/** One answer as it came over the wire. */
export type WireAnswer = Readonly<{
  version: string;
  status: number;
  /** Names in lower case; what comes twice is a problem of its own. */
  headers: readonly (readonly [string, string])[];
  headBytes: number;
  /** Null where the head does not tell a length: then nobody knows where the body ends. */
  declaredBytes: number | null;
  body: Buffer;
}>;

/** What a connection brought: whole answers, and what is left behind the last of them. */
export type Received = Readonly<{ answers: readonly WireAnswer[]; rest: Buffer }>;

const blankLine = Buffer.from("\r\n\r\n");

/** Cuts all that was received into answers. One that says "go on" is none. */
export function readAnswers(bytes: Buffer, { isHead = false }: Readonly<{ isHead?: boolean }> = {}): Received {
  const answers: WireAnswer[] = [];
  let rest = bytes;
  for (;;) {
    const headEnd = rest.indexOf(blankLine);
    const parsed = headEnd < 0 ? null : parseHead(rest.subarray(0, headEnd).toString("latin1"));
    if (parsed === null) return { answers, rest };
    const bodyAt = headEnd + blankLine.length;
    if (parsed.status === 100) {
      rest = rest.subarray(bodyAt);
      continue;
    }
    const { declaredBytes } = parsed;
    const length = isHead ? 0 : (declaredBytes ?? rest.length - bodyAt);
    if (rest.length < bodyAt + length) return { answers, rest };
    answers.push({ ...parsed, headBytes: bodyAt, body: rest.subarray(bodyAt, bodyAt + length) });
    rest = rest.subarray(bodyAt + length);
  }
}

function parseHead(text: string): Omit<WireAnswer, "headBytes" | "body"> | null {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const [, version, status] = /^(HTTP\/\d\.\d) (\d{3})(?: |$)/.exec(statusLine) ?? [];
  if (version === undefined) return null;
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const length = headers.find(([name]) => name === "content-length")?.[1];
  return { version, status: Number(status), headers, declaredBytes: length === undefined ? null : Number(length) };
}
