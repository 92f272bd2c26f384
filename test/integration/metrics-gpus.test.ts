import { chmod, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { severalGpus } from "../support/nvidia-smi-recordings.js";

const usualPath = process.env.PATH;
let tools: string;
let server: Awaited<ReturnType<typeof serve>>;

/** A server without an artifact: it tells of the GPUs all the same. */
beforeEach(async () => {
  tools = await aFolder();
  process.env.PATH = [tools, usualPath].join(delimiter);
  await writeFile(join(tools, "starts"), "");
  await writeFile(join(tools, "lines"), severalGpus);
  server = await serve({ artifactFolder: await aFolder(), log: captureLog().log, env: { PORT: "0" } });
  await expect(server.ready).rejects.toThrow("manifest.json does not exist");
});

afterEach(async () => {
  process.env.PATH = usualPath;
  await server.stop();
});

async function installTool(script: string): Promise<void> {
  const file = join(tools, "nvidia-smi");
  await writeFile(file, `#!/bin/sh\necho $$ >> '${tools}/starts'\n${script}\n`);
  await chmod(file, 0o755);
}

const starts = async () => (await readFile(join(tools, "starts"), "utf8")).split("\n").filter((line) => line !== "");

async function scrape(): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
  expect(response.status).toBe(200);
  return response.text();
}

const seriesOf = (page: string) => page.split("\n").filter((line) => line.startsWith("stygig_gpu_"));

it("however many scrape, nvidia-smi starts once", async () => {
  await installTool(`cat '${tools}/lines'`);
  const pages = await Promise.all(Array.from({ length: 30 }, scrape));
  const [first] = pages.map(seriesOf);
  expect(first).toContain('stygig_gpu_utilization_ratio{device="0"} 0.37');
  for (const page of pages) expect(seriesOf(page)).toEqual(first);
  await scrape();
  await fetch(`http://127.0.0.1:${server.port}/gpu/stats`);
  expect(await starts()).toHaveLength(1);
});

it("a machine that was found to have no nvidia-smi starts none", async () => {
  expect(seriesOf(await scrape())).toEqual([]);
  await installTool(`cat '${tools}/lines'`);
  expect(seriesOf(await scrape())).toEqual([]);
  expect(await starts()).toEqual([]);
});

it("one that hangs is still there when the page has come", async () => {
  await installTool("exec sleep 60");
  const pages = await Promise.all([scrape(), scrape(), scrape()]);
  for (const page of pages) expect(seriesOf(page)).toEqual([]);
  const [id, ...others] = await starts();
  expect(others).toEqual([]);
  // Signal 0 reaches only what runs.
  expect(process.kill(Number(id), 0)).toBe(true);
  process.kill(Number(id), "SIGKILL");
});
