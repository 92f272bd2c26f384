import type { Random } from "../../../catalog/sample/seeded-random.js";

/** One thing that a caller does to a connection; each begins when the one before it is done. */
export type Step =
  | Readonly<{ do: "send"; bytes: Uint8Array }>
  /** Byte by byte, until there are none left or the server has ended the connection. */
  | Readonly<{ do: "trickle"; bytes: Uint8Array; everyMs: number }>
  /** Ends its own side and reads on. */
  | Readonly<{ do: "half-close" }>
  /** Cuts the connection without a farewell. */
  | Readonly<{ do: "reset" }>
  | Readonly<{ do: "await-answer" }>
  /** Reads nothing of what is sent back for so long. */
  | Readonly<{ do: "stop-reading"; forMs: number }>;

export type Expectation = Readonly<{
  /** Of every answer. */
  statuses: readonly number[];
  /** How many, at least and at most; one if not given. */
  answers?: readonly [number, number];
  /** Of a body of many records: how many there are, each with an outfit or an error in its place. */
  records?: Readonly<{ count: number; form: "lines" | "predictions" }>;
  /** Whether an error may come without a body, because what was sent is not HTTP. */
  mayBeBare?: boolean;
  /** An answer to HEAD tells the length of a body that does not follow. */
  isHead?: boolean;
  /** Whether the server is to end the connection by itself. */
  endsByServer?: boolean;
}>;

export type HostileRequest = Readonly<{ name: string; steps: readonly Step[]; expects: Expectation }>;

/** One idea of what to do to a server, in endless variants; the same numbers give the same request. */
export type Family = Readonly<{
  name: string;
  /** Of all requests, in thousandths. */
  share: number;
  /** A slow one is over when a limit of the server has passed, so it does not wait for its turn among the quick. */
  pace: "quick" | "slow";
  make: (random: Random) => HostileRequest;
}>;

export type Message = Readonly<{
  method?: string;
  target?: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array | string;
  /** What the head says of the body's length, if not the truth. */
  declared?: number;
}>;

/** A request as it stands on the wire. The connection is to be closed after it unless its headers say otherwise. */
export function toWire({ method = "POST", target = "/invocations", headers = {}, body, declared }: Message): Buffer {
  const bytes = Buffer.from(body ?? "");
  const length = declared ?? (body === undefined ? null : bytes.length);
  const all = {
    ...{ host: "localhost", connection: "close" },
    ...(length === null ? {} : { "content-length": String(length) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), bytes]);
}

/** Everything at once. */
export function atOnce(name: string, bytes: Uint8Array, expects: Expectation): HostileRequest {
  return { name, steps: [{ do: "send", bytes }], expects };
}

/** A body of this type, sent to where pictures go. */
export function posted(name: string, type: string, body: Uint8Array | string, expects: Expectation): HostileRequest {
  return atOnce(name, toWire({ headers: { "content-type": type }, body }), expects);
}
