import { chmod, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createNvidiaSmi } from "../../../src/adapters/nvidia-smi.js";
import { aFolder } from "../../support/a-folder.js";
import { noDriver, partitioned, partitionedReport, severalGpus } from "../../support/nvidia-smi-recordings.js";

/** Each run leaves a line here. */
let runsFile = "";
let folder = "";
let time = 0;
const now = () => time;

beforeEach(async () => {
  folder = await aFolder();
  runsFile = join(folder, "runs");
  await writeFile(runsFile, "");
  time = 0;
});

/** An nvidia-smi of our own. */
async function aTool(script: string): Promise<string> {
  const command = join(folder, "nvidia-smi");
  await writeFile(command, `#!/bin/sh\necho "$$ $1" >> '${runsFile}'\n${script}\n`);
  await chmod(command, 0o755);
  return command;
}

async function runs(): Promise<readonly string[]> {
  return (await readFile(runsFile, "utf8")).split("\n").slice(0, -1);
}

async function printing(lines: string, report = ""): Promise<string> {
  await writeFile(join(folder, "lines"), lines);
  await writeFile(join(folder, "report"), report);
  return aTool(`case "$1" in -q) cat '${folder}/report';; *) cat '${folder}/lines';; esac`);
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
}

describe("nvidia-smi", () => {
  it("tells of every GPU", async () => {
    const stats = await createNvidiaSmi({ now, command: await printing(severalGpus) })();
    expect(stats).toMatchObject({ available: true, devices: [{ id: "0" }, { id: "1" }, { id: "2" }, { id: "3" }] });
    expect(await runs()).toHaveLength(1);
  });

  it("is asked once more for the slices of a partitioned GPU, which take its place", async () => {
    const command = await printing(severalGpus.split("\n")[0] + partitioned.replace(/^0/, "\n1"), partitionedReport);
    const stats = await createNvidiaSmi({ now, command })();
    expect(stats).toMatchObject({ available: true, devices: [{ id: "0" }, { id: "0:0", totalMib: 40448 }] });
  });

  it("is not there on most machines", async () => {
    const stats = await createNvidiaSmi({ now, command: join(folder, "none") })();
    expect(stats).toEqual({ available: false, isAbsent: true, reason: "nvidia-smi is not installed" });
  });

  it.each([
    ["fails", `echo "${noDriver.trim()}"; exit 9`, "nvidia-smi failed with exit code 9"],
    ["prints garbage", "echo '<html>'", "nvidia-smi answered in an unknown format"],
    ["prints nothing", "true", "nvidia-smi named no GPU"],
    ["never stops printing", "yes 0123456789", "nvidia-smi answered without an end"],
    ["crashes", "kill -SEGV $$", "nvidia-smi was cut off"],
  ])("may be of no use when it %s", async (_what, script, reason) => {
    const stats = await createNvidiaSmi({ now, command: await aTool(script), timeoutMs: 20_000 })();
    expect(stats).toEqual({ available: false, isAbsent: false, reason });
  });

  it("is killed when it hangs, also when what it started holds on to its output", async () => {
    const read = createNvidiaSmi({ now, command: await aTool("sleep 5"), timeoutMs: 300 });
    const reason = "nvidia-smi did not answer within 300 ms";
    expect(await read()).toEqual({ available: false, isAbsent: false, reason });
    const [id] = (await runs()).map((line) => Number.parseInt(line, 10));
    await expect.poll(() => isRunning(id!)).toBe(false);
  });

  it.each([
    ["for a second", "cat '$FOLDER/lines'", true, 1000],
    ["for a minute when it fails", "exit 9", false, 60_000],
  ])("runs once for however many ask, %s", async (_what, script, available, keptMs) => {
    await writeFile(join(folder, "lines"), severalGpus);
    const read = createNvidiaSmi({ now, command: await aTool(script.replace("$FOLDER", folder)) });
    const first = await Promise.all(Array.from({ length: 50 }, read));
    expect(new Set(first).size).toBe(1);
    time += keptMs - 1;
    expect((await read()).available).toBe(available);
    expect(await runs()).toHaveLength(1);
    time += 1;
    await read();
    expect(await runs()).toHaveLength(2);
  });

  it("is not looked for again where it is missing", async () => {
    const read = createNvidiaSmi({ now, command: join(folder, "nvidia-smi") });
    expect(await read()).toMatchObject({ isAbsent: true });
    await printing(severalGpus);
    time += 1e9;
    expect(await read()).toMatchObject({ isAbsent: true });
    expect(await runs()).toEqual([]);
  });

  it("is not waited for longer than agreed: what is known from before has to do", async () => {
    const gate = join(folder, "gate");
    const command = await aTool(`[ -e '${gate}' ] && exec sleep 60; cat '${folder}/lines'`);
    await writeFile(join(folder, "lines"), severalGpus);
    await writeFile(gate, "");
    const read = createNvidiaSmi({ now, command, timeoutMs: 60_000, waitMs: 20 });
    const hanging = async (count: number) => {
      await expect.poll(runs).toHaveLength(count);
      const [id] = (await runs()).slice(-1).map((line) => Number.parseInt(line, 10));
      expect(isRunning(id!)).toBe(true);
      return id!;
    };
    const reason = "nvidia-smi has not answered yet";
    expect(await Promise.all([read(), read()])).toEqual(Array(2).fill({ available: false, isAbsent: false, reason }));
    process.kill(await hanging(1), "SIGKILL");
    await expect.poll(read).toMatchObject({ reason: "nvidia-smi was cut off" });
    await rm(gate);
    time += 60_000;
    await expect.poll(read).toMatchObject({ available: true });
    const known = await read();
    await writeFile(gate, "");
    time += 1000;
    expect(await read()).toBe(known);
    process.kill(await hanging(3), "SIGKILL");
  });
});
