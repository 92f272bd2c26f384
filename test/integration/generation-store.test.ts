import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readlink, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { listGenerations, type OpenStore, withGenerationStore } from "../../catalog/generation-store.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { holdArtifact } from "../../src/adapters/generation-hold.js";
import { aFolder } from "../support/a-folder.js";
import { changeVouchedFile, copyArtifact } from "../support/artifact-changes.js";
import { runStygig } from "../support/run-stygig.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";

/** Artifacts that differ in their digest, and the digests. */
const artifacts: Readonly<{ folder: string; digest: string }>[] = [];
beforeAll(async () => {
  const folder = await writeTinyArtifact(await aFolder());
  for (let generation = 0; generation < 4; generation++) {
    const copy = await copyArtifact(folder);
    await changeVouchedFile(copy, "calibration.json", () =>
      JSON.stringify({ intercept: generation, slope: 1, samples: 0 }),
    );
    artifacts.push({ folder: copy, digest: (await readArtifact(copy)).digest });
  }
});

const processes: ChildProcess[] = [];
afterEach(() => {
  for (const child of processes.splice(0)) child.kill("SIGKILL");
});

const digestOf = (generation: number) => artifacts[generation]!.digest;
const put = (store: OpenStore, generation: number) =>
  store.add(async (folder) => {
    await cp(artifacts[generation]!.folder, folder, { recursive: true });
    return { digest: digestOf(generation) };
  });

/** A store into which these were put one after the other. */
async function aStore(...generations: readonly number[]): Promise<string> {
  const folder = join(await aFolder(), "store");
  for (const generation of generations) await withGenerationStore(folder, (store) => put(store, generation));
  return folder;
}

const currentOf = async (store: string) => (await readlink(join(store, "current"))).replace("generations/", "");
const digestsIn = async (store: string) => (await listGenerations(store)).map(({ digest }) => digest);

/** A process of its own that has nothing to do with stores. */
async function aProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
  await once(child, "spawn");
  processes.push(child);
  return child;
}

describe("a store of generations", () => {
  it("keeps what it was given, each by its digest, and a link to the last one", async () => {
    const store = await aStore(0, 1);
    expect(await currentOf(store)).toBe(digestOf(1));
    expect((await readArtifact(join(store, "current"))).digest).toBe(digestOf(1));
    const listed = await listGenerations(store);
    expect(listed.map(({ digest, from, isCurrent }) => [digest, from, isCurrent])).toEqual([
      [digestOf(0), null, false],
      [digestOf(1), digestOf(0), true],
    ]);
  });

  it("takes the same artifact twice for no change, and one from before for the way back", async () => {
    const store = await aStore(0, 1, 1);
    expect((await listGenerations(store)).map(({ from }) => from)).toEqual([null, digestOf(0)]);
    await withGenerationStore(store, (open) => put(open, 0));
    expect(await currentOf(store)).toBe(digestOf(0));
    expect((await listGenerations(store)).find(({ isCurrent }) => isCurrent)?.from).toBe(digestOf(1));
  });

  it("mends a generation that has been damaged when it is made again", async () => {
    const store = await aStore(0, 1);
    await writeFile(join(store, "generations", digestOf(0), "items.jsonl"), "damaged");
    await withGenerationStore(store, (open) => put(open, 0));
    expect((await readArtifact(join(store, "current"))).digest).toBe(digestOf(0));
  });

  it("switches to no generation that is not whole, and changes nothing when one cannot be made", async () => {
    const store = await aStore(0, 1);
    await rm(join(store, "generations", digestOf(0), "rules.json"));
    await expect(withGenerationStore(store, (open) => open.switchTo(digestOf(0)))).rejects.toThrow("rules.json");
    const failing = withGenerationStore(store, (open) => open.add(() => Promise.reject(new Error("no pictures"))));
    await expect(failing).rejects.toThrow("no pictures");
    expect(await currentOf(store)).toBe(digestOf(1));
    expect((await readdir(join(store, "generations"))).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("is never made of somebody's artifact or files", async () => {
    const folder = await copyArtifact(artifacts[0]!.folder);
    const inArtifact = withGenerationStore(folder, (store) => put(store, 1));
    await expect(inArtifact).rejects.toThrow("is one artifact and is no store of generations: give a new folder");
    const other = await aFolder();
    await writeFile(join(other, "letter.txt"), "dear");
    await expect(withGenerationStore(other, (store) => put(store, 1))).rejects.toThrow("holds letter.txt");
    expect(await readdir(other)).toEqual(["letter.txt"]);
  });
});

describe("compaction", () => {
  it("removes nothing where who reads what cannot be told", async () => {
    const store = await aStore(0, 1);
    await rm(join(store, "holds"), { recursive: true, force: true });
    await writeFile(join(store, "holds"), "");
    const compact = withGenerationStore(store, (open) => open.compact(0));
    await expect(compact).rejects.toThrow(/holds cannot be read \(ENOTDIR\)/);
    expect((await listGenerations(store)).map(({ digest }) => digest)).toEqual([digestOf(0), digestOf(1)]);
  });

  it("keeps the current generation and those it came from before all others", async () => {
    const store = await aStore(0, 1, 2);
    await withGenerationStore(store, async (open) => {
      await open.switchTo(digestOf(1));
      await put(open, 3);
      expect(await open.compact(1)).toEqual({ removed: [digestOf(0), digestOf(2)], held: [] });
    });
    expect(await digestsIn(store)).toEqual([digestOf(1), digestOf(3)]);
    expect(await currentOf(store)).toBe(digestOf(3));
  });

  it("removes nothing that is read, until it is let go or its reader is gone", async () => {
    const store = await aStore(0, 1);
    const held = await holdArtifact(join(store, "generations", digestOf(0)));
    const compact = () => withGenerationStore(store, (open) => open.compact(0));
    expect(await compact()).toEqual({ removed: [], held: [digestOf(0)] });
    await held.letGo();
    // A process that is alive holds it, then it is gone.
    const reader = await aProcess();
    const mark = join(store, "holds", `${digestOf(0)}.reader`);
    await writeFile(mark, JSON.stringify({ host: hostname(), pid: reader.pid, token: "reader" }));
    expect((await compact()).held).toEqual([digestOf(0)]);
    reader.kill("SIGKILL");
    await once(reader, "exit");
    expect(await compact()).toEqual({ removed: [digestOf(0)], held: [] });
    expect(await readdir(join(store, "holds"))).toEqual([]);
    expect((await readdir(store)).sort()).toEqual(["current", "generations", "holds"]);
  });

  it("believes a reader of another machine for as long as it says so again and again", async () => {
    const store = await aStore(0, 1);
    await mkdir(join(store, "holds"));
    const mark = join(store, "holds", `${digestOf(0)}.elsewhere-1-0`);
    await writeFile(mark, JSON.stringify({ host: "elsewhere", pid: 1, token: "1-0" }));
    const compact = () => withGenerationStore(store, (open) => open.compact(0));
    expect((await compact()).held).toEqual([digestOf(0)]);
    await utimes(mark, new Date(0), new Date(0));
    expect((await compact()).removed).toEqual([digestOf(0)]);
  });
});

describe("a reader", () => {
  it("holds what the link leads to, and nothing outside of a store", async () => {
    const store = await aStore(0, 1);
    const { folder, letGo } = await holdArtifact(join(store, "current"));
    expect(folder).toBe(join(store, "generations", digestOf(1)));
    expect(await readdir(join(store, "holds"))).toHaveLength(1);
    await letGo();
    expect(await readdir(join(store, "holds"))).toEqual([]);
    const alone = await holdArtifact(artifacts[0]!.folder);
    expect([alone.folder, alone.unheld]).toEqual([artifacts[0]!.folder, null]);
    expect((await holdArtifact("/nonexistent")).folder).toBe("/nonexistent");
  });

  it("that comes while a generation is being removed keeps it, whichever of the two was first", async () => {
    const store = await aStore(0, 1);
    const place = join(store, "generations", digestOf(0));
    for (let round = 0; round < 10; round++) {
      const [reader, { removed }] = await Promise.all([
        holdArtifact(place),
        withGenerationStore(store, (open) => open.compact(0)),
      ]);
      const isThere = await stat(place).then(
        () => true,
        () => false,
      );
      // What a reader holds and finds there stays there.
      if (isThere) expect((await readArtifact(reader.folder)).digest).toBe(digestOf(0));
      expect(isThere).toBe(removed.length === 0);
      await reader.letGo();
      if (!isThere)
        await withGenerationStore(store, async (open) => {
          await put(open, 0);
          await open.switchTo(digestOf(1));
        });
    }
  });
});

describe("two changes at once", () => {
  it("are one, and the second is told by whom the store is changed", async () => {
    const store = await aStore(0);
    let finish = () => {};
    const first = withGenerationStore(store, async (open) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return put(open, 1);
    });
    await expect.poll(() => readdir(store)).toContain("lock");
    const told = new RegExp(`is being changed by process ${process.pid} of ${hostname()} since \\d{4}-`);
    await expect(withGenerationStore(store, (open) => put(open, 2))).rejects.toThrow(told);
    finish();
    await first;
    expect(await currentOf(store)).toBe(digestOf(1));
  });

  it("of which one is gone leave the store to the other", async () => {
    const store = await aStore(0);
    const child = await aProcess();
    const lock = JSON.stringify({ host: hostname(), pid: child.pid, token: "x" });
    await writeFile(join(store, "lock"), lock);
    await writeFile(join(store, `lock.${child.pid}-0`), lock);
    await mkdir(join(store, "generations", ".building-1"));
    await writeFile(join(store, "generations", `${"0".repeat(64)}.json`), "{}");
    await expect(withGenerationStore(store, (open) => put(open, 1))).rejects.toThrow(`process ${child.pid}`);
    child.kill("SIGKILL");
    await once(child, "exit");
    await withGenerationStore(store, (open) => put(open, 1));
    expect((await readdir(store)).sort()).toEqual(["current", "generations"]);
    expect((await readdir(join(store, "generations"))).filter((name) => !name.endsWith(".json")).sort()).toEqual(
      [digestOf(0), digestOf(1)].sort(),
    );
  });

  it("never switch for a process that has lost the store meanwhile", async () => {
    const store = await aStore(0);
    const changing = withGenerationStore(store, (open) =>
      open.add(async (folder) => {
        await cp(artifacts[1]!.folder, folder, { recursive: true });
        await rm(join(store, "lock"));
        await writeFile(join(store, "lock"), JSON.stringify({ host: "elsewhere", pid: 1, token: "1-0" }));
        return { digest: digestOf(1) };
      }),
    );
    await expect(changing).rejects.toThrow("has been taken over by another process meanwhile");
    expect(await currentOf(store)).toBe(digestOf(0));
    expect(await readdir(store)).toContain("lock");
  });
});

describe("stygig catalog generations, rollback and compact", () => {
  it("list the generations, go back and forth, and remove old ones", async () => {
    const store = await aStore(0, 1, 2);
    const listed = await runStygig(["catalog", "generations", store]);
    expect(listed.stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(new RegExp(`^  \\d{4}-\\S+Z  ${digestOf(0)}  18 items$`)),
      expect.stringContaining(digestOf(1)),
      expect.stringMatching(new RegExp(`^\\* .*${digestOf(2)}  18 items$`)),
    ]);
    const back = await runStygig(["catalog", "rollback", store]);
    expect([back.exitCode, back.stdout]).toEqual([0, `${digestOf(1)}\n`]);
    const further = await runStygig(["catalog", "rollback", store, "--json"]);
    expect(JSON.parse(further.stdout)).toEqual({ digest: digestOf(0), previous: digestOf(1) });
    const none = await runStygig(["catalog", "rollback", store]);
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining("--to names one of")]);
    const forth = await runStygig(["catalog", "rollback", store, "--to", digestOf(2).slice(0, 12)]);
    expect([forth.exitCode, await currentOf(store)]).toEqual([0, digestOf(2)]);
    const compacted = await runStygig(["catalog", "compact", store, "--keep", "1", "--json"]);
    expect(JSON.parse(compacted.stdout)).toEqual({ removed: [digestOf(0)], held: [] });
    const json = JSON.parse((await runStygig(["catalog", "generations", store, "--json"])).stdout);
    expect(json).toMatchObject([
      { digest: digestOf(1), current: false, items: 18 },
      { current: true, from: digestOf(1) },
    ]);
  });

  it("say what is wrong in one line, and make no store of what is none", async () => {
    const folder = await aFolder();
    for (const command of [["generations"], ["rollback"], ["compact", "--keep", "1"]]) {
      const [name, ...flags] = command as [string, ...string[]];
      const { exitCode, stderr } = await runStygig(["catalog", name, folder, ...flags]);
      expect([exitCode, stderr]).toEqual([1, `stygig: ${folder} is not a store of generations\n`]);
    }
    expect(await readdir(folder)).toEqual([]);
    expect((await runStygig(["catalog", "compact", folder])).exitCode).toBe(2);
    expect((await runStygig(["catalog", "compact", folder, "--keep", "-1"])).exitCode).toBe(2);
    const store = await aStore(0);
    for (const to of ["abc", ""]) {
      const unknown = await runStygig(["catalog", "rollback", store, "--to", to]);
      const line = expect.stringContaining(`--to "${to}" is the digest of no generation`);
      expect([unknown.exitCode, unknown.stderr.split("\n")]).toEqual([1, [line, ""]]);
    }
    await rm(join(store, "current"));
    await symlink("generations/gone", join(store, "current"));
    expect((await runStygig(["catalog", "generations", store])).stdout).not.toContain("*");
  });
});
