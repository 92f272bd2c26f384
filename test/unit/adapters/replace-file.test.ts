import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { replaceFile } from "../../../src/adapters/replace-file.js";
import { aFolder } from "../../support/a-folder.js";

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await aFolder();
  target = join(folder, "book.html");
});

describe("a file that is replaced", () => {
  it("is the new one once it is whole, in a folder that is made for it", async () => {
    const deep = join(folder, "new/deep/book.html");
    expect(await replaceFile(deep, async (file) => (await file.writeFile("new")) ?? 7)).toBe(7);
    expect(await readFile(deep, "utf8")).toBe("new");
    expect(await readdir(join(folder, "new/deep"))).toEqual(["book.html"]);
  });

  it("stays the old one when writing fails, and nothing lies beside it", async () => {
    await writeFile(target, "old");
    const writing = replaceFile(target, async (file) => {
      await file.writeFile("half");
      throw new Error("interrupted");
    });
    await expect(writing).rejects.toThrow("interrupted");
    expect(await readFile(target, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["book.html"]);
  });

  it("is one of two that are written at once, never a mixture", async () => {
    const write = (text: string) => replaceFile(target, (file) => file.writeFile(text.repeat(100_000)));
    await Promise.all([write("a"), write("b")]);
    expect(new Set(await readFile(target, "utf8")).size).toBe(1);
    expect(await readdir(folder)).toEqual(["book.html"]);
  });

  it("clears away what a killed process left, not what another one writes", async () => {
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    await writeFile(join(folder, `.book.html.writing-${gone}-0`), "half");
    await writeFile(join(folder, `.book.html.writing-${process.ppid}-0`), "being written");
    await replaceFile(target, (file) => file.writeFile("new"));
    expect((await readdir(folder)).sort()).toEqual([`.book.html.writing-${process.ppid}-0`, "book.html"]);
  });

  it.each([
    ["a folder in its place", "taken", "EISDIR"],
    ["a file where its folder should be", "file/book.html", "ENOTDIR|EEXIST"],
  ])("says in one line that there is %s", async (_what, name, code) => {
    await mkdir(join(folder, "taken"));
    await writeFile(join(folder, "file"), "");
    const place = join(folder, name);
    await expect(replaceFile(place, (file) => file.writeFile("new"))).rejects.toThrow(
      new RegExp(`^${place} cannot be written \\((${code})\\)$`),
    );
    expect((await readdir(folder)).sort()).toEqual(["file", "taken"]);
  });
});
