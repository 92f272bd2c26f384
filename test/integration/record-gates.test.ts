import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recordGates } from "../../models/verify/record-gates.js";
import { parseEncoderManifest } from "../../src/domain/encoder-manifest.js";
import { aFolder } from "../support/a-folder.js";
import { aGate, aManifest, anFp16Model, anFp32Model, anInt8Model } from "../support/a-manifest.js";

async function anEncoderFolder(manifest: unknown): Promise<string> {
  const folder = await aFolder();
  await writeFile(join(folder, "encoder.json"), typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  return folder;
}

async function readBack(folder: string) {
  const parsed = parseEncoderManifest(JSON.parse(await readFile(join(folder, "encoder.json"), "utf8")));
  if ("problems" in parsed) throw new Error(parsed.problems.join(" "));
  return parsed.value;
}

const int8 = anInt8Model(8, null);
const fp16 = anFp16Model(aGate(false));
const manifest = aManifest({ models: [anFp32Model(), fp16, int8] });

describe("what was measured is recorded", () => {
  test("in the model it was measured of, and nothing else changes", async () => {
    const folder = await anEncoderFolder(manifest);
    await recordGates(folder, new Map([[int8.sha256, aGate()]]));
    expect(await readBack(folder)).toEqual({ ...manifest, models: [anFp32Model(), fp16, anInt8Model()] });
    expect(await readdir(folder)).toEqual(["encoder.json"]);
  });

  test("in place of what was recorded before", async () => {
    const folder = await anEncoderFolder(manifest);
    await recordGates(folder, new Map([[int8.sha256, aGate()]]));
    await recordGates(folder, new Map([[int8.sha256, aGate(false)]]));
    expect((await readBack(folder)).models[2]).toEqual(anInt8Model(8, aGate(false)));
  });

  test("by several at once, with a whole file at every moment", async () => {
    const folder = await anEncoderFolder(manifest);
    const recordings = Array.from({ length: 20 }, (_, i) =>
      recordGates(folder, new Map([[int8.sha256, aGate(i % 2 === 0)]])),
    );
    const readings = Array.from({ length: 50 }, () => readBack(folder));
    for (const read of await Promise.all(readings)) expect(read.models.length).toBe(3);
    await Promise.all(recordings);
    expect(await readdir(folder)).toEqual(["encoder.json"]);
  });

  test("after a process that was killed over it, whose leftovers go; those of a living one stay", async () => {
    const folder = await anEncoderFolder(manifest);
    const killed = spawn(process.execPath, ["--eval", ""]);
    await once(killed, "exit");
    const [left, living] = [killed.pid, process.ppid].map((pid) => `encoder.json.writing-${pid}-0`);
    for (const name of [left!, living!]) await writeFile(join(folder, name), "half");
    await recordGates(folder, new Map([[int8.sha256, aGate()]]));
    expect((await readdir(folder)).sort()).toEqual(["encoder.json", living]);
  });

  test("never of the reference", async () => {
    const folder = await anEncoderFolder(manifest);
    await recordGates(folder, new Map([[manifest.models[0].sha256, aGate()]]));
    expect(await readBack(folder)).toEqual(manifest);
  });
});

describe("a folder that is not what was measured stays as it is", () => {
  test.each([
    ["another model", manifest, /^\S+encoder\.json changed meanwhile: no model in it has sha-256 abab/],
    ["no JSON", "{", /^\S+encoder\.json is not JSON$/],
    ["no manifest", { format: "other" }, /^\S+encoder\.json is not valid: /],
  ])("%s", async (_, content, message) => {
    const folder = await anEncoderFolder(content);
    const before = await readFile(join(folder, "encoder.json"), "utf8");
    await expect(recordGates(folder, new Map([["ab".repeat(32), aGate()]]))).rejects.toThrow(message);
    expect(await readFile(join(folder, "encoder.json"), "utf8")).toBe(before);
    expect(await readdir(folder)).toEqual(["encoder.json"]);
  });
});
