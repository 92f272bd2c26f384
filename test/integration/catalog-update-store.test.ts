import type { ChildProcess } from "node:child_process";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { listGenerations } from "../../catalog/generation-store.js";
import type { UpdateOptions } from "../../catalog/update-catalog.js";
import { readArtifact } from "../../src/adapters/artifact-files.js";
import { aBuild, aPictureFolder } from "../support/a-catalog-build.js";
import { aFolder } from "../support/a-folder.js";
import { buildCatalog, updateCatalog } from "../support/compiled-catalog.js";
import { runStygig } from "../support/run-stygig.js";

type Changes = Partial<UpdateOptions> & Pick<UpdateOptions, "artifactFolder" | "outFolder">;

function update(changes: Changes) {
  return updateCatalog({
    ...{ imagesFolder: null, itemsFile: null, categoryMap: new Map(), removed: new Set() },
    ...{ index: "same", workers: 1, sumsBytesExactly: true, now: () => 0, signal: new AbortController().signal },
    ...changes,
  });
}

/** An artifact of six items, and a place for a store. */
async function aCatalog(thumbnails: number | null = null) {
  const options = await aBuild(await aPictureFolder(), { thumbnails });
  await buildCatalog(options);
  return { folder: options.outFolder, images: options.imagesFolder, store: join(await aFolder(), "store") };
}

const countIn = async (folder: string) => (await readArtifact(folder)).catalog.items.length;

describe("an update of a store of generations", () => {
  it("adds one to those before it, of which so many stay, and shares with them what has not changed", async () => {
    const { folder, store } = await aCatalog(32);
    const without = (id: string) => ({ removed: new Set([id]), outFolder: store, keep: 1 });
    const first = await update({ artifactFolder: folder, ...without("footwear/heels/1") });
    const second = await update({ artifactFolder: store, ...without("bottomwear/pants/0") });
    expect([second.items, second.compaction]).toEqual([4, { removed: [], held: [] }]);
    const inodes = async ({ artifact }: typeof first, below: string) => {
      const names = (await readdir(join(artifact.folder, below))).sort();
      return Promise.all(names.map(async (name) => (await stat(join(artifact.folder, below, name))).ino));
    };
    const [models, thumbnails] = [await inodes(first, "encoder"), await inodes(first, "thumbnails")];
    const newer = [...(await inodes(second, "encoder")), ...(await inodes(second, "thumbnails"))];
    // Of the encoder its manifest is written again, which is small; its model and all thumbnails are the older ones.
    expect(newer.filter((inode) => ![...models, ...thumbnails].includes(inode))).toHaveLength(1);
    const third = await update({ artifactFolder: join(store, "current"), ...without("footwear/heels/0") });
    expect(third.compaction).toEqual({ removed: [first.artifact.digest], held: [] });
    expect(await realpath(join(store, "current"))).toBe(await realpath(third.artifact.folder));
    // What was shared is whole, whoever else had it.
    expect(await countIn(join(store, "current"))).toBe(3);
    const left = [second, third].map(({ artifact }) => artifact.digest);
    expect((await listGenerations(store)).map(({ digest }) => digest)).toEqual(left);
  });

  it("is refused where a store would be replaced, or an artifact stands in its place", async () => {
    const { folder, store } = await aCatalog();
    const removed = new Set(["footwear/heels/1"]);
    await update({ artifactFolder: folder, removed, outFolder: store, keep: 0 });
    const again = update({ artifactFolder: store, removed, outFolder: store });
    await expect(again).rejects.toThrow("is a store of generations: say how many stay beside a new one, --keep 5");
    const intoArtifact = update({ artifactFolder: folder, removed, outFolder: folder, keep: 0 });
    await expect(intoArtifact).rejects.toThrow("is one artifact and is no store of generations");
    expect(await countIn(folder)).toBe(6);
  });

  it("beside another one of the same store is told of it, and loses nothing of the other's", async () => {
    const { folder, images, store } = await aCatalog();
    await update({ artifactFolder: folder, removed: new Set(["footwear/heels/1"]), outFolder: store, keep: 0 });
    const both = await Promise.allSettled([
      update({ artifactFolder: store, imagesFolder: images, outFolder: store, keep: 3 }),
      update({ artifactFolder: store, removed: new Set(["footwear/heels/0"]), outFolder: store, keep: 3 }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const refused = both.find((each) => each.status === "rejected");
    expect(String(refused?.reason)).toContain(`${store} is being changed by process ${process.pid}`);
  });

  it("can be killed at any moment: the store has a whole current generation, and takes the next update", async () => {
    const { folder, store } = await aCatalog();
    await update({ artifactFolder: folder, removed: new Set(["nobody"]), outFolder: store, keep: 0 });
    const flags = ["--artifact", store, "--out", store, "--keep", "9", "--remove", "-", "--workers", "1"];
    const generations = join(store, "generations");
    // Each of them comes later than the one before.
    const begun = [join(store, "lock"), join(generations, ".building-"), join(store, "current.new")];
    for (const mark of begun) {
      const killAt = async (child: ChildProcess) => {
        const names = () => readdir(dirname(mark)).catch(() => [] as string[]);
        while (child.exitCode === null && !(await names()).some((name) => name.startsWith(basename(mark)))) {
          await nextTurn();
        }
        child.kill("SIGKILL");
      };
      const { exitCode } = await runStygig(["catalog", "update", ...flags], "bottomwear/pants/0\n", {
        onStart: killAt,
      });
      // The last one may have been quicker than whoever was to kill it.
      const whole = exitCode === 0 || mark === begun.at(-1) ? [5, 6] : [6];
      expect(whole).toContain(await countIn(join(store, "current")));
    }
    const { exitCode, stderr } = await runStygig(["catalog", "update", ...flags], "bottomwear/pants/0\n");
    expect(exitCode, stderr).toBe(0);
    expect(await countIn(join(store, "current"))).toBe(5);
    // A mark that nobody has come to write on may be of a machine elsewhere, for a while.
    const isMark = (name: string) => name.startsWith("lock.");
    expect((await readdir(store)).filter((name) => !isMark(name)).sort()).toEqual(["current", "generations", "holds"]);
    expect((await readdir(generations)).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("stygig catalog update --keep", () => {
  it("makes a store of an artifact, and goes on from there", async () => {
    const { folder, store } = await aCatalog();
    const run = (from: string, id: string) =>
      runStygig(["catalog", "update", "--artifact", from, "--out", store, "--keep", "0", "--remove", "-"], `${id}\n`);
    const first = await run(folder, "footwear/heels/1");
    expect(first.exitCode, first.stderr).toBe(0);
    const [digest, place] = first.stdout.trim().split("  ");
    expect(place).toBe(join(store, "generations", digest!));
    const second = await run(store, "footwear/heels/0");
    expect(second.stderr).toContain(`removed ${digest}`);
    const { stdout } = await runStygig(["catalog", "diff", folder, store]);
    expect(stdout.split("\n").sort()).toEqual(["", "- footwear/heels/0", "- footwear/heels/1"]);
    const wrong = await runStygig([
      "catalog",
      "update",
      "--artifact",
      "x",
      "--out",
      "y",
      "--remove",
      "-",
      "--keep",
      "two",
    ]);
    expect([wrong.exitCode, wrong.stderr]).toEqual([
      2,
      'stygig: --keep must be a whole number from 0 to 9999, not "two"\n',
    ]);
  });
});
