import { between, pick } from "../chance.js";
import { requestTimeoutMs } from "../limits.js";
import { basePictures, smallestImage } from "./base-pictures.js";
import { type Expectation, type Family, type HostileRequest, type Step, toWire } from "./hostile-request.js";

const png = basePictures[0]!.bytes;
const whole = toWire({ headers: { "content-type": "image/png" }, body: png });
const headBytes = whole.indexOf("\r\n\r\n") + 4;
const head = whole.subarray(0, headBytes);
const timedOut: Expectation = { statuses: [408], mayBeBare: true, endsByServer: true };

function onSocket(name: string, steps: readonly Step[], expects: Expectation): HostileRequest {
  return { name, steps, expects };
}

const silent: Family = {
  name: "connections that say nothing",
  share: 3,
  pace: "slow",
  make: () => onSocket("silence", [], timedOut),
};

const slowHeads: Family = {
  name: "heads that come a byte at a time, or stop",
  share: 4,
  pace: "slow",
  make: (random) => {
    const kept = between(random, 1, headBytes - 4);
    const everyMs = pick(random, [50, 500]);
    // Never the blank line: there is always one more header to come.
    const endless = Buffer.concat([head.subarray(0, headBytes - 2), Buffer.from("x-more: 1\r\n".repeat(1000))]);
    const steps: readonly Step[] =
      random() < 0.5 ? [{ do: "send", bytes: head.subarray(0, kept) }] : [{ do: "trickle", bytes: endless, everyMs }];
    return onSocket("a slow head", steps, timedOut);
  },
};

/** The head is whole, so the request's own time counts: the one code of the 5xx kind that a caller brings about alone. */
const slowBodies: Family = {
  name: "bodies that come a byte at a time, or stop",
  share: 15,
  pace: "slow",
  make: (random) => {
    const type = pick(random, ["image/png", "application/json", "application/jsonlines"]);
    const isChunked = random() < 0.3;
    const headers = { "content-type": type, ...(isChunked ? { "transfer-encoding": "chunked" } : {}) };
    const start = toWire({ headers, ...(isChunked ? {} : { declared: 50_000 }) });
    const bytes = Buffer.from(isChunked ? "1\r\n \r\n".repeat(9000) : " ".repeat(49_000));
    const rest: readonly Step[] = random() < 0.5 ? [] : [{ do: "trickle", bytes, everyMs: pick(random, [20, 400]) }];
    return onSocket(`a slow body of ${type}`, [{ do: "send", bytes: start }, ...rest], {
      statuses: [504],
      endsByServer: true,
    });
  },
};

/** A server sees a caller who leaves by the very same sign, so whoever has to be worked for gets no answer. */
const halfClosed: Family = {
  name: "connections half closed behind a whole request",
  share: 20,
  pace: "quick",
  make: (random) => {
    const headers = { "content-type": "image/png", connection: pick(random, ["close", "keep-alive"]) };
    // Bytes behind a picture are not looked at; with them it is one that has to be worked on.
    const body = Buffer.concat([png, Buffer.from(String(random()))]);
    return onSocket("half closed", [{ do: "send", bytes: toWire({ headers, body }) }, { do: "half-close" }], {
      ...{ statuses: [200], answers: [0, 1] },
    });
  },
};

const halfSent: Family = {
  name: "connections half closed in the middle of a request",
  share: 30,
  pace: "quick",
  make: (random) => {
    const kept = between(random, 1, whole.length - 1);
    const steps: readonly Step[] = [{ do: "send", bytes: whole.subarray(0, kept) }, { do: "half-close" }];
    return onSocket(`half closed at ${kept} of ${whole.length}`, steps, {
      statuses: [400],
      mayBeBare: true,
      answers: [0, 1],
    });
  },
};

const cut: Family = {
  name: "connections cut at any byte",
  share: 40,
  pace: "quick",
  make: (random) => {
    const kept = between(random, 0, whole.length);
    const steps: readonly Step[] = [{ do: "send", bytes: whole.subarray(0, kept) }, { do: "reset" }];
    return onSocket(`cut at ${kept} of ${whole.length}`, steps, { statuses: [200], answers: [0, 1] });
  },
};

const idle: Family = {
  name: "connections kept open and not used",
  share: 5,
  pace: "slow",
  make: () => {
    const ping = toWire({ method: "GET", target: "/ping", headers: { connection: "keep-alive" } });
    return onSocket("idle", [{ do: "send", bytes: ping }], { statuses: [200], endsByServer: true });
  },
};

const unwanted: Family = {
  name: "uploads that were asked about and never begun",
  share: 5,
  pace: "slow",
  make: () => {
    const headers = { "content-type": "image/png", expect: "100-continue" };
    return onSocket("expectant", [{ do: "send", bytes: toWire({ headers, declared: 5000 }) }], {
      ...{ statuses: [504], endsByServer: true },
    });
  },
};

const manyLines = 1500;
/** More than all the buffers on the way hold. */
const largeAnswer = `${JSON.stringify({ image: smallestImage, mode: "similar", top_k: 18 })}\n`.repeat(manyLines);

const unread: Family = {
  name: "large answers that nobody reads",
  share: 0.5,
  pace: "slow",
  make: () => {
    const bytes = toWire({ headers: { "content-type": "application/jsonlines" }, body: largeAnswer });
    return onSocket(
      "unread",
      [
        { do: "stop-reading", forMs: requestTimeoutMs + 4000 },
        { do: "send", bytes },
      ],
      {
        // On a slow machine its own time is over first.
        ...{ statuses: [200, 504], answers: [0, 1], endsByServer: true, records: { count: manyLines, form: "lines" } },
      },
    );
  },
};

/** What is wrong with the connection itself. */
export const sockets: readonly Family[] = [
  ...[silent, slowHeads, slowBodies, halfClosed, halfSent, cut, idle, unwanted, unread],
];
