import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  aPull,
  digestsIn,
  type PullResult,
  sha256Of,
  someBytes,
  someFiles,
  someRepository,
  someWeights,
} from "../support/a-pull.js";
import { startHub, type TestHub } from "../support/hub-server.js";

async function aHub() {
  const hub = await startHub();
  hub.publish(someRepository, "main", someFiles);
  return hub;
}

/** The `Range` of every request for bytes of the weights, in order. */
function ranges(hub: TestHub): readonly (string | undefined)[] {
  return hub.requests.filter(({ at }) => at === "storage").map(({ headers }) => headers.range);
}

async function expectWhole({ folder, error }: PullResult): Promise<void> {
  expect(error).toBeNull();
  const files = await digestsIn(folder);
  expect(files["model.safetensors"]).toBe(sha256Of(someWeights));
  expect(Object.keys(files).filter((name) => name.startsWith("."))).toEqual([]);
}

describe("a connection that is cut", () => {
  test("is taken up again where it broke, and nothing comes twice", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 100_000 });
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 50_000 });
    const result = await aPull(hub);
    await expectWhole(result);
    const [whole, second, third, ...more] = ranges(hub);
    expect([whole, more]).toEqual([undefined, []]);
    const starts = [second, third].map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1]));
    // A cut may cost the last bytes on their way, never more than were sent.
    expect(starts[0]).toBeGreaterThan(0);
    expect(starts[0]).toBeLessThanOrEqual(100_000);
    expect(starts[1]).toBeGreaterThanOrEqual(starts[0]!);
    expect(starts[1]).toBeLessThanOrEqual(150_000);
    expect(result.waitsMs).toEqual([1_000, 2_000]);
    expect(result.lines[0]).toMatch(/(failed \(UND_ERR_SOCKET\)|was cut at \d+ of 300000 bytes); trying again in 1 s$/);
  });

  test("again and again ends the pull, and the next one goes on", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 40_000 }, 6);
    const first = await aPull(hub);
    expect(first.error?.message).toMatch(/\(tried 6 times\)$/);
    expect(first.waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    const partial = `.model.safetensors.${sha256Of(someWeights)}.partial`;
    expect(await readdir(first.folder)).toContain(partial);
    expect(await readdir(first.folder)).not.toContain("model.safetensors");
    hub.requests.length = 0;
    const second = await aPull(hub, { folder: first.folder });
    await expectWhole(second);
    expect(second.report!.files.map(({ source }) => source)).toEqual(["resumed", "resumed", "resumed"]);
    expect(ranges(hub)).toEqual([expect.stringMatching(/^bytes=[1-9]\d+-$/)]);
    expect(second.progress[0]!.done).toBeGreaterThan(0);
  });

  test("to a server that does no ranges starts over", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 100_000 });
    hub.fail(/GET \/blobs\//, { kind: "ignore-range" });
    await expectWhole(await aPull(hub));
    expect(ranges(hub)).toHaveLength(2);
  });

  test("without a sign of it is noticed by the size that the hub declares", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "shorter" });
    const result = await aPull(hub);
    await expectWhole(result);
    expect(result.lines[0]).toMatch(
      /^model\.safetensors of .* was cut at 150000 of 300000 bytes; trying again in 1 s$/,
    );
    expect(ranges(hub)).toEqual([undefined, "bytes=150000-"]);
  });

  test("to a server that goes on at another place starts over", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 100_000 });
    hub.fail(/GET \/blobs\//, { kind: "wrong-range" });
    const result = await aPull(hub);
    await expectWhole(result);
    expect(result.lines[1]).toContain("answered the request for the rest of model.safetensors with another part (206)");
    expect(ranges(hub)[2]).toBeUndefined();
  });
});

describe("a pull that was interrupted", () => {
  test("leaves what it has, no lock, and goes on", async () => {
    const hub = await aHub();
    const interruption = new AbortController();
    const reason = new Error("interrupted");
    hub.fail(/GET \/blobs\//, { kind: "stall", afterBytes: 120_000 });
    const first = await aPull(hub, {
      signal: interruption.signal,
      progress: ({ done }) => {
        if (done > 60_000) interruption.abort(reason);
      },
    });
    expect(first.error).toBe(reason);
    expect((await readdir(first.folder)).every((name) => name.endsWith(".partial"))).toBe(true);
    await expectWhole(await aPull(hub, { folder: first.folder }));
    expect(ranges(hub)[1]).toMatch(/^bytes=[1-9]\d+-$/);
  });

  test("while it waits, ends at once", async () => {
    const hub = await aHub();
    hub.fail(/GET \/api\//, { kind: "reply", status: 503 }, 99);
    const interruption = new AbortController();
    const result = await aPull(hub, {
      signal: interruption.signal,
      wait: (_ms, signal) => {
        interruption.abort(new Error("interrupted"));
        return Promise.reject(signal.reason);
      },
    });
    expect(result.error?.message).toBe("interrupted");
  });

  test("and whose file has changed since, starts over and says so", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 40_000 }, 6);
    const { folder } = await aPull(hub);
    const changed = someBytes(200_000, 7);
    hub.publish(someRepository, "main", { ...someFiles, "model.safetensors": changed });
    hub.requests.length = 0;
    const second = await aPull(hub, { folder });
    expect(second.lines).toEqual([
      "model.safetensors is another one than last time: what there was of it is thrown away",
    ]);
    expect(ranges(hub)).toEqual([undefined]);
    const files = await digestsIn(folder);
    expect(files["model.safetensors"]).toBe(sha256Of(changed));
    expect(Object.keys(files).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test.each([
    { damage: "other bytes", content: someBytes(100_000, 5) },
    {
      damage: "all bytes, but one of them wrong",
      content: Uint8Array.from(someWeights, (byte, at) => byte ^ +(at === 5)),
    },
    { damage: "more bytes than the file has", content: someBytes(300_001, 5) },
  ])("and whose remains are damaged ($damage), comes right all the same", async ({ content }) => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "cut", afterBytes: 40_000 }, 6);
    const { folder } = await aPull(hub);
    await writeFile(join(folder, `.model.safetensors.${sha256Of(someWeights)}.partial`), content);
    const result = await aPull(hub, { folder });
    await expectWhole(result);
    expect(result.waitsMs).toEqual([]);
  });
});

describe("a hub that has too much to do", () => {
  test.each([
    { says: { "retry-after": "7" }, waitsMs: 7_000 },
    { says: { "retry-after": "86400" }, waitsMs: 300_000 },
    { says: { "retry-after": "0" }, waitsMs: 1_000 },
    {
      says: { date: "Tue, 06 Oct 2026 08:00:00 GMT", "retry-after": "Tue, 06 Oct 2026 08:00:41 GMT" },
      waitsMs: 41_000,
    },
    { says: { ratelimit: '"resolvers";r=0;t=55' }, waitsMs: 55_000 },
    { says: { "retry-after": "soon" }, waitsMs: 1_000 },
  ])("is left alone as long as it asks: $says", async ({ says, waitsMs }) => {
    const hub = await aHub();
    hub.fail(/HEAD .*safetensors/, { kind: "reply", status: 429, headers: says });
    const result = await aPull(hub);
    await expectWhole(result);
    expect(result.waitsMs).toEqual([waitsMs]);
  });

  test("and goes on saying so ends the pull", async () => {
    const hub = await aHub();
    hub.fail(/GET \/api\//, { kind: "reply", status: 429, headers: { "retry-after": "30" } }, 99);
    const { error, waitsMs } = await aPull(hub);
    expect(error?.message).toMatch(/^127\.0\.0\.1:\d+ has had too many requests \(429\) \(tried 6 times\)$/);
    expect(waitsMs).toEqual([30_000, 30_000, 30_000, 30_000, 30_000]);
  });

  test.each([
    { at: "the api", pattern: /GET \/api\/models/ },
    { at: "the files", pattern: /HEAD .*config/ },
    { at: "the storage", pattern: /GET \/blobs/ },
  ])("and fails for a while ($at) is asked again", async ({ pattern }) => {
    const hub = await aHub();
    hub.fail(pattern, { kind: "reply", status: 502, body: "<html>Bad Gateway</html>" });
    hub.fail(pattern, { kind: "reply", status: 500 });
    const result = await aPull(hub);
    await expectWhole(result);
    expect(result.waitsMs).toEqual([1_000, 2_000]);
  });

  test("and whose signed address has expired gives a new one", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs/, { kind: "reply", status: 403, body: "<Error>expired</Error>" });
    await expectWhole(await aPull(hub));
    expect(
      hub.requests.filter(({ method, path }) => method === "GET" && path.includes("model.safetensors")),
    ).toHaveLength(2);
  });
});

describe("silence", () => {
  test.each([0, 100_000])("after %d bytes of a body is a failure that is tried again", async (afterBytes) => {
    const hub = await aHub();
    hub.fail(/GET \/blobs\//, { kind: "stall", afterBytes });
    const result = await aPull(hub, { inactivityMs: 400 });
    await expectWhole(result);
    expect(result.lines[0]).toMatch(/^localhost:\d+ was silent for 0\.4 s; trying again/);
  });

  test("of the machine is one too", async () => {
    const hub = await aHub();
    await hub.close();
    const { error, waitsMs } = await aPull(hub);
    expect(error?.message).toMatch(/^the connection to 127\.0\.0\.1:\d+ failed \(ECONNREFUSED\) \(tried 6 times\)$/);
    expect(waitsMs).toHaveLength(5);
  });

  test("of a name that does not exist is not waited for", async () => {
    const { error, waitsMs } = await aPull({ ...(await aHub()), endpoint: "https://hub.invalid" });
    expect(error?.message).toMatch(/^(hub\.invalid is not found \(ENOTFOUND\)|the connection to hub\.invalid failed)/);
    if (error?.message.includes("ENOTFOUND")) expect(waitsMs).toEqual([]);
  });
});
