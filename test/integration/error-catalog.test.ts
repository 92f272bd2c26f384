import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listenHttp } from "../../src/adapters/http-server.js";
import { createPrometheusMetrics } from "../../src/adapters/prometheus-metrics.js";
import { type ErrorCode, errorCatalog } from "../../src/domain/errors.js";
import { createApp } from "../../src/http/app.js";
import type { Served } from "../../src/http/served.js";
import type { RunningServer } from "../../src/main.js";
import { now } from "../../src/serving/clock.js";
import { createGate } from "../../src/serving/gate.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { referenceProvocations } from "../support/reference-provocations.js";
import { declaredHuge, tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const picture = tinyPicture([200, 30, 40]);
const black = tinyPicture([0, 0, 0], 0, 96, [0, 0, 0]);
const { log, lines } = captureLog();
let artifactFolder = "";
let server: RunningServer;
let url = "";

async function start(env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  return serve({ artifactFolder, log, env: { PORT: "0", STYGIG_ENCODER_WORKERS: "1", INDEX: "exact", ...env } });
}

const urlOf = ({ port }: Pick<RunningServer, "port">) => `http://127.0.0.1:${port}`;

beforeAll(async () => {
  artifactFolder = await writeTinyArtifact(await aFolder(), { flaw: "nan-on-black" });
  const small = { STYGIG_MAX_BODY_BYTES: "100000", STYGIG_MAX_ANSWER_BYTES: "20000", STYGIG_MAX_PIXELS: "1000000" };
  server = await start(small);
  url = urlOf(server);
  await server.ready;
});
afterAll(() => server.stop());

afterEach(() => {
  // An `internal` that no test asked for is a bug that an answer of 500 would hide.
  expect(
    lines.filter(({ fields }) => fields.code === "internal" && !String(fields.cause).includes("on purpose")),
  ).toEqual([]);
});

type Body = NonNullable<NonNullable<Parameters<typeof fetch>[1]>["body"]>;
const post = (body: Body, headers: Record<string, string> = { "content-type": "image/png" }, to = url) =>
  fetch(`${to}/invocations`, { method: "POST", headers, body });
const postJson = (value: unknown) => post(JSON.stringify(value), { "content-type": "application/json" });

/** So many lines, each of which has an outfit for an answer. */
async function postLines(count: number, to: string): Promise<Response> {
  const image = Buffer.from(picture).toString("base64");
  const similar = await post(JSON.stringify({ image, mode: "similar" }), { "content-type": "application/json" }, to);
  const { recommendations } = (await similar.json()) as Readonly<{ recommendations: readonly object[] }>;
  const line = JSON.stringify({ item_id: (recommendations[0] as Readonly<{ item_id: string }>).item_id });
  return post(`${line}\n`.repeat(count), { "content-type": "application/jsonlines" }, to);
}

/** A server with admin routes, whose artifact can be asked to be loaded anew. */
async function withOperator(
  folder: string,
  use: (reload: () => Promise<Response>) => Promise<Response>,
): Promise<Response> {
  const env = { PORT: "0", STYGIG_ENCODER_WORKERS: "1", INDEX: "exact", STYGIG_ADMIN_PORT: "0" };
  const operated = await serve({ artifactFolder: folder, log, env });
  await operated.ready;
  const answer = await use(() => fetch(`http://127.0.0.1:${operated.adminPort}/admin/reload`, { method: "POST" }));
  await operated.stop();
  return answer;
}

/** Each code, provoked from outside by what the catalog says of it. */
const provocations: Record<ErrorCode, () => Promise<Response>> = {
  body_empty: () => post(""),
  body_malformed: () => post("{", { "content-type": "application/json" }),
  body_too_large: () => post(new Uint8Array(100_001)),
  answer_too_large: () => postLines(30, url),
  media_type_unsupported: () => post("a,b", { "content-type": "text/csv" }),
  image_undecodable: () => post(picture.slice(0, 100)),
  image_too_many_pixels: () => post(declaredHuge(30_000, 30_000)),
  option_invalid: () => postJson({ item_id: "a", top_k: 0 }),
  item_unknown: () => postJson({ item_id: "sock" }),
  encoder_failed: () => post(black),
  ...referenceProvocations(async (env, body) => {
    const referring = await start(env);
    await referring.ready;
    const refused = await post(JSON.stringify(body), { "content-type": "application/json" }, urlOf(referring));
    await referring.stop();
    return refused;
  }),
  spool_failed: async () => {
    const roomy = await start();
    await roomy.ready;
    const folder = process.env.TMPDIR;
    process.env.TMPDIR = join(artifactFolder, "missing");
    try {
      // More than what is kept in memory.
      return await postLines(1000, urlOf(roomy));
    } finally {
      if (folder === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = folder;
      await roomy.stop();
    }
  },
  route_unknown: () => fetch(`${url}/models`),
  method_not_allowed: () => fetch(`${url}/invocations`),
  accept_unsupported: () => post(picture, { "content-type": "image/png", accept: "image/png" }),
  overloaded: async () => {
    const small = await start({ STYGIG_MAX_IN_FLIGHT: "1" });
    await small.ready;
    const held = holdUpload(urlOf(small), picture);
    await expect.poll(() => requestsInFlight(urlOf(small))).toBe(1);
    const refused = await post(picture, undefined, urlOf(small));
    held.finish();
    expect((await held.reply).status).toBe(200);
    await small.stop();
    return refused;
  },
  deadline_exceeded: async () => {
    const hasty = await start({ STYGIG_REQUEST_TIMEOUT_MS: "100" });
    await hasty.ready;
    const held = holdUpload(urlOf(hasty), picture);
    const { status, headers, body } = await held.reply;
    expect(await requestsInFlight(urlOf(hasty))).toBe(0);
    held.leave();
    await hasty.stop();
    return new Response(body, { status, headers: { "content-length": String(headers["content-length"]) } });
  },
  not_ready: async () => {
    const starting = await start();
    const ping = await fetch(`${urlOf(starting)}/ping`);
    const refused = await post(picture, undefined, urlOf(starting));
    expect(ping.status).toBe(503);
    await starting.ready;
    expect((await fetch(`${urlOf(starting)}/ping`)).status).toBe(200);
    await starting.stop();
    return refused;
  },
  shutting_down: async () => {
    const ending = await start();
    await ending.ready;
    const held = holdUpload(urlOf(ending), picture);
    await expect.poll(() => requestsInFlight(urlOf(ending))).toBe(1);
    const stopped = ending.stop();
    const refused = await post(picture, undefined, urlOf(ending));
    expect((await fetch(`${urlOf(ending)}/ping`)).status).toBe(503);
    held.finish();
    expect((await held.reply).status).toBe(200);
    await stopped;
    return refused;
  },
  reload_running: () =>
    withOperator(artifactFolder, async (reload) => {
      const [first, second] = await Promise.all([reload(), reload()]);
      return [first, second].find(({ status }) => status !== 200)!;
    }),
  reload_failed: async () => {
    const folder = await writeTinyArtifact(await aFolder());
    return withOperator(folder, async (reload) => {
      await writeFile(join(folder, "manifest.json"), "{");
      return reload();
    });
  },
  // Nothing that a caller can send makes a sound server fail unforeseen, so this one has a part that does.
  internal: async () => {
    const broken = await listenHttp(brokenApp(), 0);
    const refused = await post(picture, undefined, urlOf(broken));
    await broken.close(1000);
    return refused;
  },
};

const readGpuStats = async () => ({ available: false, isAbsent: true, reason: "none here" }) as const;

function brokenApp() {
  const gate = createGate(1);
  gate.become("ready");
  const served = {
    recommend: async () => {
      throw new TypeError("a secret at /some/path, on purpose");
    },
    problems: () => [],
    hold: () => () => {},
  } as unknown as Served;
  return createApp({
    page: null,
    ...{ gate, log, now, served: () => served, metrics: createPrometheusMetrics(), readGpuStats },
    ...{ maxBodyBytes: 1e6, maxAnswerBytes: 1e6, requestTimeoutMs: 1000, urgency: "interactive" },
    transform: { maxPayloadMb: null, maxConcurrentTransforms: null, batchStrategy: null, lanes: () => 1 },
    version: "0.0.0",
  });
}

describe("every code of the catalog", () => {
  it.each(Object.entries(provocations))("%s", async (code, provoke) => {
    const response = await provoke();
    const text = await response.text();
    const { status, message, retryable } = errorCatalog[code as ErrorCode];
    expect(response.status).toBe(status);
    expect(JSON.parse(text)).toEqual({ error: { code, message, retryable, details: expect.any(Object) } });
    expect(Number(response.headers.get("content-length"))).toBe(Buffer.byteLength(text));
    expect(text.length).toBeLessThanOrEqual(2048);
    if (code === "overloaded" || status === 503) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    // The operator, on the machine itself, is told which file does not verify.
    if (code !== "reload_failed") expect(text).not.toMatch(/secret|\/some|node_modules|\.js/);
  });

  it("goes on answering after all of them", async () => {
    expect((await post(picture)).status).toBe(200);
  });
});
