import { anyBytes, between, pick } from "../chance.js";
import { mostBodyBytes } from "../limits.js";
import { basePictures } from "./base-pictures.js";
import { atOnce, type Family, toWire } from "./hostile-request.js";

const png = basePictures[0]!.bytes;
const start = "POST /invocations HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: image/png\r\n";
const chunked = `${start}transfer-encoding: chunked\r\n\r\n`;
const smuggled = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";
const bare = { statuses: [400], mayBeBare: true };

/** Two lengths, or none that can be read: whoever guesses here reads the next request out of this one's body. */
const lengths: readonly string[] = [
  ...[
    "content-length: 5\r\ncontent-length: 6\r\n",
    "content-length: 5, 6\r\n",
    "content-length: -1\r\n",
    "content-length: +5\r\n",
  ],
  ...[
    "content-length: 5\r\ntransfer-encoding: chunked\r\n",
    "transfer-encoding: chunked, identity\r\n",
    "content-length: 0x5\r\n",
  ],
  ...[
    "content-length: 99999999999999999999999\r\n",
    "content-length: 5 5\r\n",
    "content-length: \r\n",
    "content-length : 5\r\n",
  ],
  ...[
    "transfer-encoding: xchunked\r\n",
    "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
    "content-length: 1e3\r\n",
  ],
];

const wrongLengths: Family = {
  name: "lengths that contradict each other",
  share: 40,
  pace: "quick",
  make: (random) => {
    const length = pick(random, lengths);
    const bytes = Buffer.from(`${start}${length}\r\n0\r\n\r\n${smuggled}`, "latin1");
    return atOnce(JSON.stringify(length), bytes, bare);
  },
};

const chunkErrors: readonly string[] = [
  ...[
    "zz\r\n",
    "-1\r\nx\r\n0\r\n\r\n",
    "5\r\nabc\r\n0\r\n\r\n",
    "ffffffffffffffffff\r\n",
    "1;\r\nx",
    "5\n12345\n0\n\n",
    "0x5\r\n12345\r\n0\r\n\r\n",
  ],
  ...["1\r\nxx\r\n", " 5\r\n12345\r\n0\r\n\r\n", "5 \r\n12345\r\n0\r\n\r\n", "\r\n\r\n", "5\r12345\r0\r\r"],
];

const wrongChunks: Family = {
  name: "chunks that are none",
  share: 30,
  pace: "quick",
  make: (random) => {
    const chunks = pick(random, chunkErrors);
    const steps = [{ do: "send", bytes: Buffer.from(chunked + chunks, "latin1") }, { do: "half-close" }] as const;
    return { name: JSON.stringify(chunks), steps, expects: { statuses: [400, 422], mayBeBare: true } };
  },
};

/** As it should be, with everything that the format allows beside the bytes. */
const oddChunks: Family = {
  name: "pictures in odd chunks",
  share: 20,
  pace: "quick",
  make: (random) => {
    const pieces: Buffer[] = [];
    for (let at = 0; at < png.length; ) {
      const piece = png.subarray(at, at + between(random, 1, 400));
      const extension = pick(random, ["", ";a=b", ';a="b c"', `;${"x".repeat(200)}`]);
      pieces.push(Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), piece, Buffer.from("\r\n"));
      at += piece.length;
    }
    // A trailer that tells a length contradicts the chunks.
    const trailer = pick(random, ["", "x-injected: 1\r\n", "content-length: 9\r\n"]);
    const bytes = Buffer.concat([Buffer.from(chunked), ...pieces, Buffer.from(`0\r\n${trailer}\r\n`)]);
    return atOnce(
      `chunks and then ${JSON.stringify(trailer)}`,
      bytes,
      trailer.startsWith("content") ? bare : { statuses: [200] },
    );
  },
};

const tooMuch: Family = {
  name: "bodies over the limit",
  share: 15,
  pace: "quick",
  make: (random) => {
    const type = pick(random, ["image/png", "application/json", "application/jsonlines"]);
    const over = mostBodyBytes + between(random, 1, 2000);
    const body = Buffer.alloc(over, pick(random, ["a", " ", '"']));
    const isChunked = random() < 0.5;
    const wire = isChunked
      ? Buffer.concat([
          toWire({ headers: { "content-type": type, "transfer-encoding": "chunked" } }),
          ...[Buffer.from(`${over.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")],
        ])
      : toWire({ headers: { "content-type": type }, body });
    return atOnce(`${over} bytes${isChunked ? " in a chunk" : ""}`, wire, { statuses: [413] });
  },
};

/** Only the head of it: nobody would wait for the rest. */
const hugeClaims: Family = {
  name: "lengths far over the limit, of which nothing comes",
  share: 10,
  pace: "quick",
  make: (random) => {
    const declared = pick(random, [mostBodyBytes + 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1]);
    const headers = { "content-type": "image/png", ...(random() < 0.5 ? { expect: "100-continue" } : {}) };
    const steps = [
      { do: "send", bytes: toWire({ headers, declared }) },
      { do: "await-answer" },
      { do: "reset" },
    ] as const;
    return { name: `${declared} bytes to come`, steps, expects: { statuses: [413] } };
  },
};

const notHttp: readonly (string | Buffer)[] = [
  ...[
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET /ping\r\n",
    "GET /ping HTTP/0.9\r\n\r\n",
    "GET /ping HTTP/3.0\r\n\r\n",
    "\r\n\r\n\r\nhello\r\n\r\n",
  ],
  ...[
    "SSH-2.0-OpenSSH_9.0\r\n",
    "*1\r\n$4\r\nPING\r\n",
    "EHLO localhost\r\n",
    "GET  /ping  HTTP/1.1\r\n\r\n",
    "get /ping HTTP/1.1\r\n\r\n",
  ],
  ...[
    "GET /ping HTTP/1.1\nhost: localhost\nconnection: close\n\n",
    "POST /invocations http/1.1\r\n\r\n",
    "CONNECT localhost:22 HTTP/1.1\r\nhost: a\r\n\r\n",
  ],
  ...[
    "GET /p\0ing HTTP/1.1\r\n\r\n",
    "GET /ping HTTP/1.1\r\nhost: a\r\n: empty\r\n\r\n",
    "GET /ping HTTP/1.1\r\nhost: a\r\nbad name: x\r\n\r\n",
  ],
  ...[
    "GET /ping HTTP/1.1\r\n\r\n",
    "GET /ping HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n",
    "GET /ping HTTP/1.0\r\n\r\n",
  ],
  ...["GET /ping HTTP/1.1\r\nhost: a\r\nexpect: a-miracle\r\nconnection: close\r\n\r\n"],
  "GET /ping HTTP/1.1\r\nhost: a\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: AAAA\r\n\r\n",
  "GET /ping HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n\r\n",
  // The beginning of a TLS connection.
  Buffer.from("16030100c8010000c40303", "hex"),
];

const otherProtocols: Family = {
  name: "what is not HTTP, or not quite",
  share: 30,
  pace: "quick",
  make: (random) => {
    const text = pick(random, [...notHttp, Buffer.from(anyBytes(random, 200))]);
    const steps = [{ do: "send", bytes: Buffer.from(text as string, "latin1") }, { do: "half-close" }] as const;
    const name = typeof text === "string" ? JSON.stringify(text.slice(0, 60)) : text.toString("hex").slice(0, 40);
    return { name, steps, expects: { statuses: [200, 400, 404, 405, 417, 431], mayBeBare: true, answers: [0, 1] } };
  },
};

/** Right or wrong, one behind the other on one connection: an answer for each, in order, up to the first that cannot be read. */
const pipelined: Family = {
  name: "many requests at once on one connection",
  share: 20,
  pace: "quick",
  make: (random) => {
    const ping = toWire({ method: "GET", target: "/ping", headers: { connection: "keep-alive" } });
    const picture = toWire({ headers: { connection: "keep-alive", "content-type": "image/png" }, body: png });
    const refused = toWire({ headers: { connection: "keep-alive", "content-type": "text/html" }, body: "<p>" });
    const unreadable = Buffer.from("NONSENSE\r\n\r\n");
    const count = between(random, 2, 12);
    const parts = Array.from({ length: count }, () => pick(random, [ping, picture, refused]));
    const bad = random() < 0.5 ? [unreadable] : [];
    const bytes = Buffer.concat([...parts, ...bad]);
    const total = count + bad.length;
    return atOnce(`${total} in a row`, bytes, {
      ...{ statuses: [200, 400, 415], mayBeBare: true, answers: [count, total] },
    });
  },
};

/** What is wrong with where a request begins and ends. */
export const framing: readonly Family[] = [
  ...[wrongLengths, wrongChunks, oddChunks, tooMuch, hugeClaims, otherProtocols, pipelined],
];
