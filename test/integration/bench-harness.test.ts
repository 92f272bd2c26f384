import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { aFolder } from "../support/a-folder.js";

const script = fileURLToPath(new URL("../../dist/test/support/tiny-bench.js", import.meta.url));

type Bench = ChildProcessByStdio<null, Readable, Readable>;

/** Benches of one folder for temporary files keep out of each other's way, and of those that run on this machine. */
async function benchesOf(): Promise<(...parameters: string[]) => Bench> {
  const folder = await aFolder();
  return (...parameters) => {
    const environment = { ...process.env, TMPDIR: folder };
    return spawn(process.execPath, [script, ...parameters], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  };
}

/** What it printed and how it ended; both streams are closed only when its own processes have ended, too. */
async function endOf(bench: Bench) {
  let stdout = "";
  let stderr = "";
  bench.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  bench.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  const [code, signal] = await once(bench, "close");
  return { code: code ?? signal, stdout, stderr };
}

describe("a bench", () => {
  test("prints JSON alone and exits 0 when its bars pass; every round of a variant is a new process", async () => {
    const start = await benchesOf();
    const { code, stdout } = await endOf(start("2", "--json"));
    const report = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(report).toMatchObject({
      bench: "tiny",
      commit: expect.stringMatching(/^([0-9a-f]{7,}(-dirty)?|none)$/),
      machine: {
        cpu: expect.any(String),
        cores: expect.any(Number),
        node: process.version,
        takenByOthers: expect.any(Number),
      },
      short: false,
      judged: true,
      bars: [{ name: "tiny", value: 2, limit: 2, limitIs: "least", pass: true }],
    });
    const { first, second } = JSON.parse(report.figures.raw);
    expect(new Set([...first.process, ...second.process]).size).toBe(10);
    const secondIsLater = first.startedAt.map((time: number, round: number) => time < second.startedAt[round]);
    expect(secondIsLater).toEqual([true, false, true, false, true]);
  });

  test("exits 1 when a bar falls short, and says which", async () => {
    const start = await benchesOf();
    const { code, stdout, stderr } = await endOf(start("1.5"));
    expect(code).toBe(1);
    expect(stdout).toContain("falls short");
    expect(stderr).toContain("bench tiny: tiny is 1.5, and 2 is the least");
  });

  test("judges nothing by a short run", async () => {
    const start = await benchesOf();
    const { code, stdout } = await endOf(start("1.5", "--json", "--short"));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ short: true, judged: false, bars: [{ pass: false }] });
  });

  test.each([
    [[], "Usage: npm run bench -- tiny VALUE [VARIANT] [--json] [--short]"],
    [["1", "first", "extra"], "Usage:"],
    [["1", "--fast"], "Unknown option '--fast'"],
    [["--variant", "first", "{}"], "for the bench's own processes"],
  ])("asked with %j exits 2 with one line", async (parameters, line) => {
    const start = await benchesOf();
    const { code, stdout, stderr } = await endOf(start(...parameters));
    expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
    expect(stderr).toContain(line);
  });

  test("prints no figures when a variant cannot be measured", async () => {
    const start = await benchesOf();
    const { code, stdout, stderr } = await endOf(start("2", "crashing"));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("nothing to measure");
  });

  test("refuses to run beside another, takes its process along when killed, and leaves nothing in the next one's way", async () => {
    const start = await benchesOf();
    const held = start("2", "endless");
    await once(held.stderr, "data");
    const refused = await endOf(start("2", "first"));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`another bench is running (process ${held.pid})`);
    held.kill("SIGKILL");
    expect((await endOf(held)).code).toBe("SIGKILL");
    expect((await endOf(start("2", "first"))).code).toBe(0);
  });
});

test("`npm run bench` without a bench's name lists the names, and exits 2", async () => {
  const command = fileURLToPath(new URL("../../scripts/bench.js", import.meta.url));
  for (const parameters of [[], ["harness"], ["../bench/search"]]) {
    const bench = spawn(process.execPath, [command, ...parameters], { stdio: ["ignore", "pipe", "pipe"] });
    const { code, stdout, stderr } = await endOf(bench);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^Usage: npm run bench -- NAME .*color, .*preprocess, request, search, serve\n$/);
  }
});
