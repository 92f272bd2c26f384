import { afterEach, describe, expect, it } from "vitest";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

const servers: RunningServer[] = [];
const { log, lines } = captureLog();
let artifactFolder: Promise<string> | null = null;

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  expect(lines.filter(({ fields }) => fields.code === "internal")).toEqual([]);
});

/** A server of its own, with one worker of each kind, and where it is. */
async function start(env: Readonly<Record<string, string>> = {}): Promise<string> {
  artifactFolder ??= aFolder().then((folder) => writeTinyArtifact(folder));
  const settings = { PORT: "0", INDEX: "exact", STYGIG_ENCODER_WORKERS: "1", STYGIG_DECODER_WORKERS: "1" };
  const server = await serve({ artifactFolder: await artifactFolder, log, env: { ...settings, ...env } });
  servers.push(server);
  await server.ready;
  return `http://127.0.0.1:${server.port}`;
}

const base = tinyPicture([200, 30, 40]);
/** The same picture in bytes of its own: what follows a PNG's end is not looked at. */
const anotherCopy = (number: number) => Uint8Array.from([...base, 1, number & 255, number >> 8]);

type Reply = Readonly<{
  recommendations: readonly Readonly<{ similarity: number }>[];
  metadata: Readonly<{ cache: string | null; decode_ms: number | null; encode_ms: number | null }>;
  query_item: Readonly<{ dominant_color: string }>;
  error: Readonly<{ code: string; details: Readonly<Record<string, number>> }>;
}>;

async function post(url: string, body: Uint8Array<ArrayBuffer> | string, attributes = "", type = "image/png") {
  const headers = { "content-type": type, "x-amzn-sagemaker-custom-attributes": attributes };
  const response = await fetch(`${url}/invocations`, { method: "POST", headers, body });
  const retryAfter = Number(response.headers.get("retry-after"));
  return { status: response.status, retryAfter, reply: (await response.json()) as Reply };
}

/** The value of a series on the metrics page; one that is not there has counted nothing. */
async function metric(url: string, series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

const asked = (outcome: string) => `stygig_cache_requests_total{outcome="${outcome}"}`;

describe("a picture asked for again", () => {
  it("is answered from what is known of it, and the answer says so", async () => {
    const url = await start();
    const first = (await post(url, base)).reply;
    const second = (await post(url, base)).reply;
    expect([first.metadata.cache, second.metadata.cache]).toEqual(["miss", "hit"]);
    expect(second.metadata).toMatchObject({ decode_ms: null, encode_ms: null });
    expect(second.recommendations).toEqual(first.recommendations);
    expect(await metric(url, asked("hit"))).toBe(1);
    expect(await metric(url, "stygig_cache_bytes")).toBeGreaterThan(0);
    const inJson = await post(
      url,
      JSON.stringify({ image: Buffer.from(base).toString("base64") }),
      "",
      "application/json",
    );
    expect(inJson.reply.metadata.cache).toBe("hit");
    expect((await post(url, base, "profile=v4")).reply.metadata.cache).toBe("miss");
  });

  it("a hundred times at once is seen once", async () => {
    const url = await start();
    const [misses, runs] = [await metric(url, asked("miss")), await metric(url, "stygig_batch_pictures_sum")];
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(url, base)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 200));
    expect(await metric(url, asked("miss"))).toBe(misses + 1);
    expect(await metric(url, "stygig_batch_pictures_sum")).toBe(runs + 1);
    expect(await metric(url, "stygig_requests_in_flight_bytes")).toBe(0);
  });

  it("is not taken for another of equal size", async () => {
    const url = await start();
    const other = tinyPicture([30, 40, 200]);
    const [red, blue] = [await post(url, base), await post(url, other)];
    expect(blue.reply.metadata.cache).toBe("miss");
    expect(blue.reply.query_item.dominant_color).not.toBe(red.reply.query_item.dominant_color);
    expect((await post(url, base)).reply.recommendations).toEqual(red.reply.recommendations);
    expect((await post(url, other)).reply.recommendations).toEqual(blue.reply.recommendations);
  });

  it("that cannot be read is refused again without another look", async () => {
    const url = await start();
    const hits = await metric(url, asked("hit"));
    const broken = base.slice(0, 100);
    for (let time = 0; time < 2; time++) {
      expect(await post(url, broken)).toMatchObject({ status: 422, reply: { error: { code: "image_undecodable" } } });
    }
    expect(await metric(url, asked("hit"))).toBe(hits + 1);
  });

  it("is seen again where EMBED_CACHE_MAX is 0", async () => {
    const url = await start({ EMBED_CACHE_MAX: "0" });
    await post(url, base);
    expect((await post(url, base)).reply.metadata.cache).toBe("miss");
    expect(await metric(url, "stygig_cache_entries")).toBe(0);
  });
});

describe("more bytes than may be held", () => {
  it.each([true, false])("are refused at once, with the time to come again (declared: %s)", async (declared) => {
    const url = await start({ STYGIG_MAX_IN_FLIGHT_BYTES: "3000" });
    const large = Uint8Array.from([...base, ...new Uint8Array(2000)]);
    const held = holdUpload(url, large, { declared });
    await expect.poll(() => metric(url, "stygig_requests_in_flight_bytes")).toBeGreaterThanOrEqual(large.length - 1);
    const refused = await post(url, Uint8Array.from([...large, 1]));
    expect(refused).toMatchObject({ status: 429, reply: { error: { code: "overloaded" } } });
    expect(refused.reply.error.details.limit_bytes).toBe(3000);
    expect(refused.retryAfter).toBeGreaterThanOrEqual(1);
    held.finish();
    expect((await held.reply).status).toBe(200);
    expect((await post(url, anotherCopy(1))).status).toBe(200);
  });

  it("are given back by a caller who leaves", async () => {
    const url = await start({ STYGIG_MAX_IN_FLIGHT: "1" });
    const held = holdUpload(url, base);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    held.leave();
    await expect.poll(() => requestsInFlight(url)).toBe(0);
    expect(await metric(url, "stygig_requests_in_flight_bytes")).toBe(0);
    expect((await post(url, base)).status).toBe(200);
  });
});

describe("more pixels than may wait for a decoder", () => {
  const pixels = 96 * 96;

  it("are refused to callers in person, and wait where a job asks", async () => {
    const url = await start({ STYGIG_MAX_IN_FLIGHT_PIXELS: String(2 * pixels) });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => post(url, anotherCopy(number))));
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 200).length + refused.length).toBe(40);
    expect(refused.length).toBeGreaterThan(0);
    for (const { retryAfter, reply } of refused) {
      expect(reply.error).toMatchObject({ code: "overloaded", details: { limit_pixels: 2 * pixels } });
      expect(retryAfter).toBe(reply.error.details.retry_after_seconds);
    }
    const records = Array.from({ length: 40 }, (_, number) => ({
      image: Buffer.from(anotherCopy(1000 + number)).toString("base64"),
    }));
    const body = records.map((record) => JSON.stringify(record)).join("\n");
    const headers = { "content-type": "application/jsonlines" };
    const job = await fetch(`${url}/invocations`, { method: "POST", headers, body });
    const rows = (await job.text()).split("\n").map((line) => JSON.parse(line) as Reply);
    expect([job.status, rows.length, rows.filter(({ error }) => error !== undefined)]).toEqual([200, 40, []]);
  });

  it("wait where a batch job sends them one by one", async () => {
    const url = await start({ STYGIG_MAX_IN_FLIGHT_PIXELS: String(2 * pixels), SAGEMAKER_BATCH: "true" });
    const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => post(url, anotherCopy(number))));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it("do not keep out a picture that is alone", async () => {
    const url = await start({ STYGIG_MAX_IN_FLIGHT_PIXELS: "1" });
    expect((await post(url, base)).status).toBe(200);
  });
});

describe("the time of a request", () => {
  it("is what the caller says, and an upload's never longer than the server's", async () => {
    const url = await start({ STYGIG_REQUEST_TIMEOUT_MS: "200" });
    const late = async (attributes: string) => {
      const { reply, leave } = holdUpload(url, base, { attributes });
      const { status, body } = await reply;
      leave();
      return { status, limit: (JSON.parse(body) as Reply).error.details.limit_ms };
    };
    expect(await late("timeout_ms=50")).toEqual({ status: 504, limit: 50 });
    expect(await late("timeout_ms=60000")).toEqual({ status: 504, limit: 200 });
    expect(await post(url, base, "timeout_ms=0")).toMatchObject({
      status: 422,
      reply: { error: { code: "option_invalid", details: { option: "timeout_ms" } } },
    });
    expect((await post(url, base, "timeout_ms=60000")).status).toBe(200);
  });

  it("that cannot be enough is said at the door", async () => {
    const url = await start();
    let isOver = false;
    const callers = Array.from({ length: 30 }, async (_, caller) => {
      for (let turn = 0; !isOver; turn++) await post(url, anotherCopy(caller * 256 + (turn & 255)), "", "image/png");
    });
    const hasty = () => post(url, anotherCopy(65_000), "timeout_ms=1");
    try {
      await expect
        .poll(async () => (await hasty()).reply.error?.details, { timeout: 10_000 })
        .toMatchObject({ limit_ms: 1, expected_ms: expect.any(Number), retry_after_seconds: expect.any(Number) });
    } finally {
      isOver = true;
      await Promise.all(callers);
    }
  });
});
