import type { Random } from "../../../catalog/sample/seeded-random.js";
import { anyBytes, between, pick } from "../chance.js";
import { basePictures } from "./base-pictures.js";
import { atOnce, type Expectation, type Family, toWire } from "./hostile-request.js";

const png = basePictures[0]!.bytes;
const attributesHeader = "x-amzn-sagemaker-custom-attributes";

/** A picture under further headers. */
function withHeaders(name: string, headers: Readonly<Record<string, string>>, expects: Expectation) {
  return atOnce(name, toWire({ headers: { "content-type": "image/png", ...headers }, body: png }), expects);
}

/** What would begin a header or an answer of its own, were it ever written out as it came. */
const injections: readonly string[] = [
  ...["a%0d%0ax-injected: 1", "a\r\nx-injected: 1", "a\nx-injected: 1", "a\rx-injected: 1", "a\r\n\r\nHTTP/1.1 200 OK"],
  ...[
    "a\0b",
    "a\x01b",
    "a\x7fb",
    "a\xffb",
    "%E5%98%8A%E5%98%8Dx-injected: 1",
    "\u560a\u560d",
    "$\u007bjndi:ldap://localhost/a}",
  ],
  ...["a\r\n x-folded", "\t", " ".repeat(2000), "x".repeat(4000), '","level":"error"}', "\\n", "%00", "%", "%zz"],
];
const injectedHeaders: readonly string[] = [
  ...[attributesHeader, "x-amzn-sagemaker-inference-id", "content-type", "accept", "content-encoding", "x-request-id"],
  ...["x-forwarded-for", "origin", "cookie", "user-agent", "referer", "traceparent", "x-amzn-trace-id"],
];

const injection: Family = {
  name: "headers that begin other headers",
  share: 50,
  pace: "quick",
  make: (random) => {
    const [header, text] = [pick(random, injectedHeaders), pick(random, injections)];
    // A blank line ends the head, so the rest is a body of no known length.
    const statuses = [200, 400, 406, 415, 422];
    return withHeaders(
      `${header}: ${JSON.stringify(text.slice(0, 30))}`,
      { [header]: text },
      {
        ...{ statuses, mayBeBare: true, answers: [1, 2] },
      },
    );
  },
};

const attributes: readonly string[] = [
  ...[
    "top_k=0",
    "top_k=1e9",
    "top_k=-1",
    "top_k=9".padEnd(900, "9"),
    "explain=maybe",
    "gender=__proto__",
    "__proto__=1",
  ],
  ...[
    "constructor=1;prototype=2",
    "top_k=1,top_k=2",
    "=",
    "====",
    ",,,;;;",
    "exclude_ids=",
    "category=%C0%80",
    "category=%ff",
  ],
  ...[
    "timeout_ms=0",
    "timeout_ms=-5",
    "timeout_ms=1e3",
    "timeout_ms=99999999",
    "timeout_ms=NaN",
    "x".repeat(1025),
    "image=AAAA",
  ],
  ...[
    "mode=similar,profile=v4",
    "profile=constructor",
    "exclude_ids=a,".repeat(70),
    "%74op_k=1",
    "top_k = 1",
    'top_k="1"',
  ],
];

const customAttributes: Family = {
  name: "custom attributes of any kind",
  share: 40,
  pace: "quick",
  make: (random) => {
    const text = Array.from({ length: between(random, 1, 3) }, () => pick(random, attributes)).join(
      pick(random, [",", ";"]),
    );
    return withHeaders(text.slice(0, 60), { [attributesHeader]: text }, { statuses: [200, 422] });
  },
};

const types: readonly string[] = [
  ...[
    "",
    "image",
    "image/",
    "/png",
    "image/png/x",
    "text/html",
    "text/plain",
    "multipart/form-data; boundary=x",
    "*/*",
  ],
  ...[
    "application/x-www-form-urlencoded",
    "application/xml",
    "application/json; charset=utf-16",
    "application/json;;;;",
  ],
  ...[
    "IMAGE/PNG",
    "image/png, text/html",
    "__proto__",
    "application/x-npy",
    `image/${"x".repeat(3000)}`,
    "image/p\tng",
    'a/b;c="d',
  ],
];

const mediaTypes: Family = {
  name: "media types of any kind",
  share: 30,
  pace: "quick",
  make: (random) => {
    const type = pick(random, types);
    const accept = pick(random, [
      "*/*",
      "application/json",
      "",
      "text/html",
      "a".repeat(3000),
      "*/*;q=0",
      `${"a/b;q=0.1,".repeat(500)}`,
      ";;,,",
    ]);
    const encoding = pick(random, ["identity", "identity", "gzip", "br, gzip", "deflate", "x".repeat(500)]);
    return withHeaders(
      `${type.slice(0, 30)} for ${accept.slice(0, 30)}`,
      { "content-type": type, accept, "content-encoding": encoding },
      {
        statuses: [200, 400, 406, 415],
      },
    );
  },
};

const routes: readonly string[] = [
  "/ping",
  "/invocations",
  "/execution-parameters",
  "/metrics",
  "/health",
  "/gpu/stats",
];
const methods: readonly string[] = [
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
  "TRACE",
  "HEAD",
  "PROPFIND",
  "SEARCH",
  "QUERY",
  "GET",
  "POST",
];

const otherMethods: Family = {
  name: "routes by every method",
  share: 25,
  pace: "quick",
  make: (random) => {
    const [method, target] = [pick(random, methods), pick(random, [...routes, "/admin/reload", "/admin/config"])];
    const body = random() < 0.3 ? png : undefined;
    const bytes = toWire({
      method,
      target,
      ...(body === undefined ? {} : { body, headers: { "content-type": "image/png" } }),
    });
    return atOnce(`${method} ${target}`, bytes, {
      statuses: [200, 400, 404, 405],
      isHead: method === "HEAD",
      mayBeBare: true,
    });
  },
};

const targets: readonly string[] = [
  ...[
    "/",
    "*",
    "//invocations",
    "/invocations/",
    "/INVOCATIONS",
    "/./invocations",
    "/../../../../etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd",
  ],
  ...[
    "/ping/%00",
    "/%",
    "/%zz",
    "/%c0%af",
    "/ping%2f..",
    "/\\..\\..",
    "/invocations;a=b",
    "/__proto__",
    "/constructor",
    "?",
    "#",
  ],
  ...[
    "http://169.254.169.254/latest/",
    "http://[::1",
    "/health?".padEnd(4000, "a=b&"),
    "/".padEnd(10_000, "x/"),
    "/.env",
    "/.git/config",
  ],
  ...[
    "/models",
    "/admin/reload",
    "/admin/config",
    "/invocations%20HTTP/1.1%0d%0ax-injected:%201",
    "/ping?a[__proto__][b]=1",
  ],
];

const otherTargets: Family = {
  name: "targets that are no routes",
  share: 30,
  pace: "quick",
  make: (random) => {
    const target = pick(random, targets);
    const method = pick(random, ["GET", "POST"]);
    const bytes = toWire({
      method,
      target,
      ...(method === "POST" ? { body: "{}", headers: { "content-type": "application/json" } } : {}),
    });
    return atOnce(`${method} ${target.slice(0, 60)}`, bytes, { statuses: [200, 400, 404, 405, 431], mayBeBare: true });
  },
};

/** Far more than any head has, within what a parser takes and beyond. */
const largeHeads: Family = {
  name: "heads of very many or very large headers",
  share: 15,
  pace: "quick",
  make: (random) => {
    const count = pick(random, [50, 500, 2000, 5000]);
    const size = pick(random, [0, 1, 20, 20_000]);
    const many = Array.from({ length: size > 100 ? 1 : count }, (_, at) => [`x-${at}`, "v".repeat(size)] as const);
    return withHeaders(`${many.length} headers of ${size}`, Object.fromEntries(many), {
      statuses: [200, 400, 431],
      mayBeBare: true,
    });
  },
};

function aChangedHead(random: Random): Uint8Array {
  const whole = toWire({ headers: { "content-type": "image/png" }, body: png });
  const headBytes = whole.indexOf("\r\n\r\n");
  for (let change = 0; change < between(random, 1, 3); change++) {
    whole.set(anyBytes(random, 1), between(random, 0, headBytes - 1));
  }
  return whole;
}

const changedHeads: Family = {
  name: "heads with bytes changed",
  share: 40,
  pace: "quick",
  make: (random) => ({
    name: "a changed head",
    // A body whose length is lost never ends by itself.
    steps: [{ do: "send", bytes: aChangedHead(random) }, { do: "half-close" }],
    expects: { statuses: [200, 400, 404, 405, 413, 415, 417, 422], mayBeBare: true, answers: [0, 3] },
  }),
};

/** What is wrong above the body. */
export const headers: readonly Family[] = [
  ...[injection, customAttributes, mediaTypes, otherMethods, otherTargets, largeHeads, changedHeads],
];
