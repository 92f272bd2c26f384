import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { readEmfLine } from "../support/emf-contract.js";
import { holdUpload, requestsInFlight } from "../support/held-upload.js";
import { noDriver, severalGpus } from "../support/nvidia-smi-recordings.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { tinyPicture, writeTinyArtifact } from "../support/tiny-artifact.js";

type Line = Readonly<Record<string, unknown>>;

const picture = tinyPicture([200, 30, 40]);
const image = Buffer.from(picture).toString("base64");
/** In every place where a caller may write something. */
const marker = "zq-caller-wrote-this";
const secret = "hf_secret0123456789";
let server: ServerProcess;
let url = "";
let folder = "";
let artifactFolder = "";

beforeAll(async () => {
  folder = await aFolder();
  artifactFolder = await writeTinyArtifact(folder);
  server = await start({
    ...{ STYGIG_VARIANT_NAME: "canary", STYGIG_EMF: "1", STYGIG_EMF_DIMENSIONS: "EndpointName=look" },
    ...{ HF_TOKEN: secret, INDEX: "exact", EMBED_CACHE_MAX: "100" },
  });
});
afterAll(() => server.child.kill("SIGKILL"));

async function start(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  return startProcess({ STYGIG_MODEL_DIR: artifactFolder, ...env });
}

function post(body: Uint8Array<ArrayBuffer> | string, headers: Readonly<Record<string, string>>) {
  return fetch(`${url}/invocations`, { method: "POST", headers, body });
}
const json = { "content-type": "application/json" };
const png = { "content-type": "image/png" };

function linesOf({ stdout }: ServerProcess): readonly Line[] {
  return stdout()
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}
const requestLines = () => linesOf(server).filter(({ event }) => event === "request_finished");
const metrics = async () => (await fetch(`${url}/metrics`)).text();

describe("a server that has answered in several ways", () => {
  /** What was asked, and by which route, status and code it must be counted. */
  const asked: readonly (readonly [name: string, count: number, ask: () => Promise<Response>, counted: string])[] = [
    [
      "pictures",
      3,
      () => post(picture, { ...png, "x-amzn-sagemaker-inference-id": "order 66" }),
      "/invocations 200 ok",
    ],
    [
      "JSON with options",
      1,
      () => post(JSON.stringify({ image, top_k: 2, exclude_ids: [marker] }), json),
      "/invocations 200 ok",
    ],
    [
      "broken pictures",
      2,
      () => post(Buffer.from(`${marker} is no picture`), png),
      "/invocations 422 image_undecodable",
    ],
    ["broken JSON", 1, () => post(`{"image": ${marker}`, json), "/invocations 400 body_malformed"],
    ["an unknown item", 1, () => post(JSON.stringify({ item_id: marker }), json), "/invocations 422 item_unknown"],
    [
      "a bad option",
      1,
      () => post(JSON.stringify({ image, profile: marker }), json),
      "/invocations 422 option_invalid",
    ],
    [
      "a bad header",
      1,
      () => post(picture, { ...png, "x-amzn-sagemaker-custom-attributes": `gender=${marker}` }),
      "/invocations 422 option_invalid",
    ],
    [
      "an unknown type",
      1,
      () => post(picture, { "content-type": `text/${marker}` }),
      "/invocations 415 media_type_unsupported",
    ],
    ["an unknown route", 1, () => fetch(`${url}/${marker}?${marker}`), "other 404 route_unknown"],
    ["a wrong method", 1, () => fetch(`${url}/invocations?${marker}`), "/invocations 405 method_not_allowed"],
    ["a batch's question", 1, () => fetch(`${url}/execution-parameters`), "/execution-parameters 200 ok"],
  ];
  const expected = new Map<string, number>();

  const askAll = async () => {
    await server.until("server_ready");
    const { port } = await server.until("server_listening");
    url = `http://127.0.0.1:${port}`;
    for (const [name, count, ask, counted] of asked) {
      expected.set(counted, (expected.get(counted) ?? 0) + count);
      for (let i = 0; i < count; i++) {
        const response = await ask();
        expect(`${name} ${response.status}`).toBe(`${name} ${counted.split(" ")[1]}`);
        await response.arrayBuffer();
      }
    }
    const left = holdUpload(url, picture);
    await expect.poll(() => requestsInFlight(url)).toBe(1);
    left.leave();
    expected.set("/invocations none caller_left", 1);
    // Asked again and again by machines: neither counted nor logged.
    for (const path of ["/ping", "/health", "/gpu/stats", "/metrics"]) await fetch(url + path);
    const all = [...expected.values()].reduce((sum, count) => sum + count, 0);
    await expect.poll(() => requestLines().length).toBe(all);
  };
  // Only a test may poll: whichever comes first asks for all of them.
  let asking: Promise<void> | null = null;
  const answered = () => {
    asking ??= askAll();
    return asking;
  };

  it("counts exactly these, by route, status and code", async () => {
    await answered();
    const text = await metrics();
    const counted = [...text.matchAll(/^stygig_requests_total\{route="(.*?)",status="(.*?)",code="(.*?)"\} (\d+)$/gm)];
    expect(
      new Map(counted.map(([, route, status, code, count]) => [`${route} ${status} ${code}`, Number(count)])),
    ).toEqual(expected);
    const timed = [...text.matchAll(/^stygig_request_duration_seconds_count\{route="(.*?)",code="(.*?)"\} (\d+)$/gm)];
    const byCode = new Map<string, number>();
    for (const [counts, count] of expected) {
      const [route, , code] = counts.split(" ");
      byCode.set(`${route} ${code}`, (byCode.get(`${route} ${code}`) ?? 0) + count);
    }
    expect(new Map(timed.map(([, route, code, count]) => [`${route} ${code}`, Number(count)]))).toEqual(byCode);
  });

  it("has looked at each picture once, and says what it runs with", async () => {
    await answered();
    const text = await metrics();
    const value = (series: string) =>
      Number(new RegExp(`^${series.replace(/[{}]/g, "\\$&")} (\\S+)$`, "m").exec(text)?.[1]);
    expect(value('stygig_workers{pool="encoder"}')).toBe(1);
    expect(value('stygig_workers{pool="decoder"}')).toBeGreaterThanOrEqual(1);
    expect(value('stygig_stage_duration_seconds_count{stage="rank"}')).toBe(4);
    // The picture three times more, and the broken one once.
    expect(value('stygig_cache_requests_total{outcome="hit"}')).toBe(4);
    expect(value("stygig_requests_in_flight")).toBe(0);
    expect(value("stygig_ready")).toBe(1);
    expect(value("stygig_resident_memory_bytes")).toBeGreaterThan(2 ** 24);
    const [p50, p99, max] = ["p50", "p99", "max"].map((each) => value(`stygig_event_loop_delay_${each}_seconds`));
    expect(p50).toBeLessThanOrEqual(p99!);
    expect(p99).toBeLessThanOrEqual(max!);
    const { catalog_digest, model_digest } = (await (await fetch(`${url}/health`)).json()) as Line;
    expect(catalog_digest).toMatch(/^[0-9a-f]{64}$/);
    expect(model_digest).toMatch(/^[0-9a-f]{8,}/);
    const info = `stygig_served_info{catalog_digest="${catalog_digest}",model_digest="${model_digest}",index="exact"`;
    expect(text).toContain(info);
  });

  it("has written one line for each, with what an operator needs", async () => {
    await answered();
    const lines = requestLines();
    expect(new Set(lines.map(({ request_id }) => request_id)).size).toBe(lines.length);
    const codes = lines.map(({ route, status, code }) => `${route} ${status ?? "none"} ${code}`);
    for (const [counted, count] of expected) expect(codes.filter((each) => each === counted)).toHaveLength(count);
    for (const line of lines) {
      expect(line).toMatchObject({ level: "info", variant: "canary", total_ms: expect.any(Number) });
    }
    const [first] = lines;
    expect(first).toMatchObject({
      ...{ inference_id: "order 66", method: "POST", source: "image", mode: "outfit", profile: "v5" },
      ...{ body_bytes: picture.length, search_ms: expect.any(Number), rank_ms: expect.any(Number) },
    });
    expect(lines.find(({ code }) => code === "option_invalid")).toMatchObject({ details: { option: "profile" } });
  });

  it("has written nothing of a picture, nothing that a caller wrote, and no secret", async () => {
    await answered();
    const log = server.stdout() + server.stderr();
    expect(log).not.toContain(marker);
    expect(log).not.toContain(secret);
    for (let at = 0; at + 16 <= image.length; at += 400) expect(log).not.toContain(image.slice(at, at + 16));
  });

  it("tells GPU services' names where there is no GPU, too", async () => {
    await answered();
    const response = await fetch(`${url}/gpu/stats`);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      ...{ available: false, reason: "nvidia-smi is not installed", devices: [] },
      ...{ vram_allocated: 0, vram_reserved: 0, vram_total: 0 },
    });
  });

  // The last one: it ends the server.
  it("sums up at its end what came since the last minute, as CloudWatch reads it", async () => {
    await answered();
    server.child.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    const summed = server
      .stdout()
      .split("\n")
      .filter((line) => line.includes('"metrics_summed"'))
      .map(readEmfLine);
    const sum = (name: string) => summed.reduce((total, line) => total + Number(line[name]), 0);
    const invocations = [...expected].filter(([counted]) => counted.startsWith("/invocations"));
    const count = (pattern: RegExp) =>
      invocations.filter(([counted]) => pattern.test(counted)).reduce((total, [, each]) => total + each, 0);
    expect(sum("Requests")).toBe(count(/./));
    expect(sum("ClientErrors")).toBe(count(/ 4\d\d /));
    expect(sum("CallersLeft")).toBe(1);
    expect([sum("ServerErrors"), sum("Overloaded"), sum("WorkersLost")]).toEqual([0, 0, 0]);
    expect(summed.flatMap(({ RankTime }) => RankTime ?? [])).toHaveLength(4);
    const last = summed.at(-1)!;
    expect(last).toMatchObject({ EndpointName: "look", VariantName: "canary" });
    expect(last._aws.CloudWatchMetrics[0]).toMatchObject({
      ...{ Namespace: "StyGig", Dimensions: [["EndpointName", "VariantName"]] },
    });
    expect(Number(last.ResidentMemory)).toBeGreaterThan(2 ** 24);
  });
});

/** A server whose PATH begins with a folder that holds this nvidia-smi. */
async function withNvidiaSmi<T>(script: string, look: (url: string) => Promise<T>): Promise<T> {
  const tools = await aFolder();
  await writeFile(join(tools, "nvidia-smi"), `#!/bin/sh\n${script}\n`);
  await chmod(join(tools, "nvidia-smi"), 0o755);
  const started = await start({ PATH: `${tools}:${process.env.PATH}` });
  try {
    const { port } = await started.until("server_listening");
    return await look(`http://127.0.0.1:${port}`);
  } finally {
    started.child.kill("SIGKILL");
    await started.ended;
  }
}

const readGpuStats = async (url: string) => (await (await fetch(`${url}/gpu/stats`)).json()) as Line;
const readGpuMetrics = async (url: string) =>
  (await (await fetch(`${url}/metrics`)).text()).match(/^stygig_gpu_\w+\{.*$/gm) ?? [];

describe("/gpu/stats", () => {
  it("adds up the memory of all GPUs, in MB", async () => {
    await writeFile(join(folder, "gpus"), severalGpus);
    const stats = await withNvidiaSmi(`cat '${join(folder, "gpus")}'`, readGpuStats);
    expect(stats).toMatchObject({ available: true, vram_total: 4 * 144384, vram_allocated: 45662 + 131470 + 137255 });
    expect(stats.devices).toHaveLength(4);
    expect(stats.devices).toMatchObject([
      { id: "0", vram_reserved: 45662, utilization: 0.37 },
      {},
      {},
      { vram_reserved: 616 },
    ]);
  });

  it("knows nothing where the driver does not answer, and repeats nothing that its tool said", async () => {
    const stats = await withNvidiaSmi(`echo "${noDriver.trim()}"; exit 9`, readGpuStats);
    expect(stats).toEqual({
      ...{ available: false, reason: "nvidia-smi failed with exit code 9", devices: [] },
      ...{ vram_allocated: null, vram_reserved: null, vram_total: null },
    });
  });
});

describe("/metrics", () => {
  it("has the GPUs as they are, and no series of what is not known", async () => {
    await writeFile(join(folder, "gpus"), severalGpus);
    const series = await withNvidiaSmi(`cat '${join(folder, "gpus")}'`, readGpuMetrics);
    expect(series).toContain(`stygig_gpu_memory_bytes{device="0",kind="total"} ${144384 * 2 ** 20}`);
    expect(series).toContain('stygig_gpu_utilization_ratio{device="0"} 0.37');
    expect(await withNvidiaSmi("exit 9", readGpuMetrics)).toEqual([]);
  });
});

describe("a start", () => {
  it("is refused when a dimension cannot be told from a metric", async () => {
    const refused = await start({ STYGIG_EMF: "1", STYGIG_EMF_DIMENSIONS: "Requests=many" });
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toBe(
      "stygig: STYGIG_EMF_DIMENSIONS: Requests is the name of something else in each line\n",
    );
  });

  it("does not repeat a secret that was put into the wrong variable", async () => {
    const refused = await start({ HF_TOKEN: secret, STYGIG_LOG_LEVEL: secret });
    expect(await refused.ended).toBe(2);
    expect(refused.stderr()).toContain('not "<HF_TOKEN>"');
    expect(refused.stderr() + refused.stdout()).not.toContain(secret);
  });
});
