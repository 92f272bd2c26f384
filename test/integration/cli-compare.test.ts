import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { artifactOf, startOwnServer } from "../support/contract-target.js";
import { startEndpointFront } from "../support/endpoint-front.js";
import { freePort } from "../support/free-port.js";
import { startHost } from "../support/image-host.js";
import { platformEnvironment } from "../support/platform-environment.js";
import { runStygig } from "../support/run-stygig.js";
import { tinyPicture } from "../support/tiny-artifact.js";

let url = "";
let photos = "";
beforeAll(async () => {
  ({ url } = await startOwnServer());
  photos = await aFolder();
  await mkdir(join(photos, "deep"));
  for (let number = 0; number < 6; number++) {
    const name = number % 2 === 0 ? `${number}.png` : `deep/${number}.png`;
    await writeFile(join(photos, name), tinyPicture([30 * number, 90, 60], number));
  }
  await writeFile(join(photos, "notes.txt"), "no picture");
});

function compare(parameters: readonly string[], settings: Parameters<typeof runStygig>[2] = {}) {
  return runStygig(["compare", ...parameters], "", settings);
}

describe("stygig compare", () => {
  it("finds that a server agrees with itself, by its address and as an endpoint's variant", async () => {
    const front = await startEndpointFront({ endpoints: { looks: { blue: "http://127.0.0.1:1", green: url } } });
    const flags = [url, "looks:green", "--photos", photos, "--min-agreement", "1", "--json"];
    const { exitCode, stdout } = await compare(flags, { env: platformEnvironment(front) });
    const comparison = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(comparison).toMatchObject({
      ...{ names: { a: url, b: "looks:green" }, photos: 6, compared: 6, interrupted: false },
      ...{ same_category: 1, same_first_item: 1, same_items: 1, item_overlap: 1, most_score_difference: 0 },
      differences: [],
    });
    for (const side of [comparison.a, comparison.b]) {
      expect(side.latency_ms.count).toBe(6);
      expect(side.latency_ms.p95).toBeGreaterThanOrEqual(side.latency_ms.p50);
      expect(side.failures).toEqual({});
    }
    // Each photo once on each side, and one before to open the connection.
    expect(front.calls).toHaveLength(7);
  });

  it("shows where two catalogs differ, and fails when that is too much", async () => {
    const other = await startOwnServer({ STYGIG_MODEL_DIR: await artifactOf({ dimension: 3 }) });
    const flags = [url, other.url, "--photos", photos];
    const { exitCode, stdout } = await compare(flags);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`A is ${url} (`);
    expect(stdout).toMatch(/6 of 6 photos answered by both/);
    expect(stdout).toMatch(/│ all +│ 6 +│/);
    const strict = await compare([...flags, "--min-agreement", "1", "--json"]);
    const comparison = JSON.parse(strict.stdout);
    expect(strict.exitCode).toBe(1);
    expect(comparison.differences.length).toBeGreaterThan(0);
    expect(comparison.a.facts.catalog).not.toBe(comparison.b.facts.catalog);
    const seen = comparison.by_category.reduce((sum: number, { photos }: { photos: number }) => sum + photos, 0);
    expect(seen).toBe(6);
  });

  it("counts what fails, by side and code", async () => {
    const busy = await startHost((_, response) => {
      response.writeHead(429).end('{"error":{"code":"overloaded","retryable":true}}');
    });
    const flags = [url, `http://127.0.0.1:${busy.port}`, "--photos", photos, "--limit", "3", "--json"];
    const { exitCode, stdout } = await compare(flags);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ photos: 3, compared: 0, same_category: null, item_overlap: null },
      a: { failures: {} },
      b: { failures: { overloaded: 3 }, facts: null, latency_ms: { count: 0, p50: null } },
    });
    const text = await compare(flags.slice(0, -1));
    expect(text.stdout).toMatch(/│ B +│ - +│ - +│ - +│ overloaded 3 +│/);
  });

  it("ends at Ctrl-C with what it has", async () => {
    let asked = 0;
    const host = await startHost((_, response) => {
      if (++asked < 5) response.end('{"recommendations":[],"metadata":{},"category_vote":null,"catalog_digest":""}');
    });
    const address = `http://127.0.0.1:${host.port}`;
    const { exitCode, stdout } = await compare([address, address, "--photos", photos, "--json"], {
      onStart: async (child) => {
        await expect.poll(() => asked, { timeout: 30_000 }).toBe(5);
        child.kill("SIGINT");
      },
    });
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true, photos: 1, compared: 1 });
  });

  it("fails with one line for a photo that is none", async () => {
    const folder = await aFolder();
    await writeFile(join(folder, "a.png"), "no picture");
    const address = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, stderr } = await compare([address, address, "--photos", folder]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^stygig: .*a\.png is no picture\n$/);
  });

  it.each([
    [["http://a"], "missing required argument 'b'"],
    [["http://a", "http://b"], "--photos is missing"],
    [["a_b", "http://b", "--photos", "."], "neither http://host:port nor an endpoint's name"],
    [["http://a", "http://b", "--photos", "none"], "none is not a readable folder"],
    [["http://a", "http://b", "--photos", ".", "--min-agreement", "2"], "from 0 to 1"],
  ])("%j is a wrong use", async (parameters, line) => {
    const { exitCode, stdout, stderr } = await compare(parameters, { folder: await aFolder() });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(line);
  });
});
