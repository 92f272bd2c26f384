import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { startOwnServer } from "../support/contract-target.js";
import { startEndpointFront } from "../support/endpoint-front.js";
import { freePort } from "../support/free-port.js";
import { startHost } from "../support/image-host.js";
import { platformEnvironment } from "../support/platform-environment.js";
import { runStygig } from "../support/run-stygig.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const picture = tinyPicture([200, 30, 40]);
let url = "";
let folder = "";
let image = "";
beforeAll(async () => {
  ({ url } = await startOwnServer());
  folder = await aFolder();
  image = join(folder, "look.png");
  await writeFile(image, picture);
});

function loadtest(parameters: readonly string[], settings: Parameters<typeof runStygig>[2] = {}) {
  return runStygig(["loadtest", ...parameters], "", { folder, ...settings });
}

describe("stygig loadtest", () => {
  it("loads a server at a rate, with pictures that nobody gave it, and reports", async () => {
    const { exitCode, stdout } = await loadtest(["--url", url, "--rate", "20", "--duration-s", "1", "--json"]);
    const report = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(report).toMatchObject({ target: url, ended: "done", sent: 20, good: 20, errors: 0, knee: null });
    expect(report.load).toEqual({ kind: "open", from_per_second: 20, to_per_second: 20, spacing: "constant" });
    expect(report.latency_ms.p50).toBeGreaterThan(0);
    expect(report.latency_ms.count).toBe(20);
    expect(Object.keys(report.stages_ms)).toEqual(expect.arrayContaining(["total", "decode", "encode", "rank"]));
    expect(report.caches).toEqual({ miss: 20 });
    expect(report.pictures).toMatch(/drawn garments/);
  });

  it("asks about the same bytes where it is told to, and says what that measures", async () => {
    const flags = ["--image", image, "--same-bytes", "--concurrency", "2", "--requests", "12"];
    const { exitCode, stdout } = await loadtest(["--url", url, ...flags, "--json"]);
    const report = JSON.parse(stdout);
    expect({ exitCode, sent: report.sent, good: report.good }).toEqual({ exitCode: 0, sent: 12, good: 12 });
    expect(report.caches.hit).toBeGreaterThan(0);
    expect(report.notes.join()).toMatch(/answers came from the service's memory/);
    expect(report.ended).toBe("requests");
  });

  it("loads an endpoint, and shows a table and its limits", async () => {
    const front = await startEndpointFront({ endpoints: { looks: { blue: url } } });
    const limits = ["--max-p99-ms", "60000", "--max-errors", "0", "--min-rps", "0.1"];
    const flags = ["--endpoint", "looks", "--image", image, "--concurrency", "3", "--requests", "9", ...limits];
    const { exitCode, stdout } = await loadtest(flags, { env: platformEnvironment(front) });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("looks: 3 callers");
    expect(stdout).toContain("9 sent, 9 good");
    expect(stdout.match(/^passed: /gm)).toHaveLength(3);
    expect(front.calls).toHaveLength(9);
  });

  it("fails when a limit does not hold", async () => {
    const flags = ["--image", image, "--rate", "10", "--duration-s", "1", "--max-p99-ms", "0.001"];
    const { exitCode, stdout } = await loadtest(["--url", url, ...flags]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^FAILED: p99_ms [\d.]+, limit 0\.001$/m);
  });

  it("holds a service to what V4 promised: a hundred callers, 300 ms, no errors", async () => {
    const flags = ["--image", image, "--policy", "v4", "--requests", "150", "--json"];
    const { exitCode, stdout } = await loadtest(["--url", url, ...flags]);
    const report = JSON.parse(stdout);
    expect(report.load).toEqual({ kind: "closed", callers: 100 });
    expect(report.checks.map(({ name, limit }: { name: string; limit: number }) => [name, limit])).toEqual([
      ["p99_ms", 300],
      ["errors", 0],
    ]);
    expect(exitCode).toBe(report.passed ? 0 : 1);
  });

  it("finds the knee of a rising load", async () => {
    // A service of one lane of 20 ms that refuses nobody: its limit is 50 a second.
    let freeAtMs = 0;
    const lane = await startHost((request, response) => {
      request.resume().on("end", () => {
        freeAtMs = Math.max(performance.now(), freeAtMs) + 20;
        setTimeout(() => response.end('{"recommendations":[]}'), freeAtMs - performance.now());
      });
    });
    const flags = ["--image", image, "--ramp", "5:200", "--duration-s", "4", "--json"];
    const { exitCode, stdout } = await loadtest(["--url", `http://127.0.0.1:${lane.port}`, ...flags]);
    const { knee, good } = JSON.parse(stdout);
    expect(exitCode).toBe(0);
    expect(good).toBeGreaterThan(0);
    expect(knee.is_reached).toBe(true);
    // Where exactly is for virtual time to show; this machine may have other things to do.
    expect(knee.per_second ?? 0).toBeLessThan(200);
  });

  it("writes a page that needs nothing else", async () => {
    const page = join(folder, "report.html");
    const flags = ["--image", image, "--rate", "30", "--duration-s", "1", "--max-p99-ms", "60000", "--report", page];
    const { exitCode, stderr } = await loadtest(["--url", url, ...flags]);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`wrote ${page}`) });
    const html = await readFile(page, "utf8");
    expect(html.match(/<svg /g)).toHaveLength(3);
    expect(html).toContain("p99 limit 60000 ms");
    expect(html).not.toMatch(/<script|src=|href=|@import|url\(|NaN|undefined|Infinity/);
  });

  it("says which errors there were, and fails when nothing is good", async () => {
    const busy = await startHost((_, response) => {
      response.writeHead(429).end('{"error":{"code":"overloaded","message":"Full.","retryable":true}}');
    });
    const flags = ["--image", image, "--rate", "20", "--duration-s", "1", "--json"];
    const refused = await loadtest(["--url", `http://127.0.0.1:${busy.port}`, ...flags]);
    expect(refused.exitCode).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ errors_by_code: { overloaded: 20 }, sent: 20, good: 0 });
    // Nobody is asked twice: a retry would hide what the load does.
    expect(busy.seen).toHaveLength(20);
    const nobody = await loadtest(["--url", `http://127.0.0.1:${await freePort()}`, ...flags]);
    expect(JSON.parse(nobody.stdout)).toMatchObject({ errors_by_code: { no_answer: 20 } });
  });

  it.each([
    [
      "an endpoint that is not there",
      "other",
      /^stygig: platform_refused: ValidationError: Endpoint other .* not found/m,
    ],
    ["what is no such service", "page", /^stygig: answer_malformed: /m],
  ])("ends at once at %s", async (_what, endpoint, line) => {
    const page = await startHost((_, response) => void response.end("<html>"));
    const endpoints = { page: { blue: `http://127.0.0.1:${page.port}` } };
    const front = await startEndpointFront({ endpoints });
    const flags = ["--endpoint", endpoint, "--image", image, "--rate", "5", "--duration-s", "600"];
    const { exitCode, stdout, stderr } = await loadtest(flags, { env: platformEnvironment(front) });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(line);
  });

  it("ends in time, whatever does not answer", async () => {
    const silent = await startHost(() => {});
    const flags = ["--image", image, "--rate", "20", "--duration-s", "0.5", "--drain-s", "0.3", "--json"];
    const { exitCode, stdout } = await loadtest(["--url", `http://127.0.0.1:${silent.port}`, ...flags]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ errors_by_code: { unanswered: 10 } });
    await silent.whenAlone();
  });

  it("ends at Ctrl-C with a report of what was", async () => {
    const page = join(folder, "interrupted.html");
    let answered = 0;
    const host = await startHost((_, response) => {
      answered += 1;
      response.end('{"recommendations":[]}');
    });
    const flags = ["--image", image, "--rate", "50", "--duration-s", "600", "--json", "--report", page];
    const { exitCode, stdout } = await loadtest(["--url", `http://127.0.0.1:${host.port}`, ...flags], {
      onStart: async (child) => {
        await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(20);
        child.kill("SIGINT");
      },
    });
    const report = JSON.parse(stdout);
    expect(exitCode).toBe(130);
    expect(report).toMatchObject({ ended: "interrupted", passed: false, errors: 0 });
    expect(report.good + report.cut_off).toBe(report.sent);
    expect(report.good).toBeGreaterThan(10);
    expect(await readFile(page, "utf8")).toContain("interrupted");
  });

  it("keeps nothing for the planner that would mislead it, and says why", async () => {
    const file = join(folder, "measurements.json");
    const host = await startHost((_, response) => void response.end('{"recommendations":[]}'));
    const what = ["--save-measurement", file, "--machine", "a test", "--lanes", "1", "--commit", "abcdef0"];
    const search = ["--image", image, "--find-capacity", "--duration-s", "2", "--requests", "400", "--json"];
    const { exitCode, stdout, stderr } = await loadtest(["--url", `http://127.0.0.1:${host.port}`, ...search, ...what]);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).capacity.idle_ms.count).toBeGreaterThan(0);
    expect(stderr).toMatch(/^stygig: not saved: /m);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });

  it.each([
    [
      ["--url", "http://a", "--rate", "0", "--requests", "-1"],
      ['--rate "0" is not a number above 0', '--requests "-1"'],
    ],
    [["--url", "http://a", "--policy", "v5"], ["v4"]],
    [["--url", "http://a", "--image", "none.png"], ["none.png cannot be read (ENOENT)"]],
    [["--url", "http://a", "--photos", "."], ["--photos: . holds no pictures"]],
  ])("%j is a wrong use", async (parameters, lines) => {
    const empty = await aFolder();
    const { exitCode, stdout, stderr } = await loadtest(parameters, { folder: empty });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    for (const line of lines) expect(stderr).toContain(line);
  });
});
