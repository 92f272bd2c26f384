import { execFileSync, spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createEncoderWriter } from "../../models/write-encoder.js";
import { aFolder } from "../support/a-folder.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { aSmallPlan, smallVision } from "../support/small-vision.js";

const script = fileURLToPath(new URL("../../dist/test/support/embed-bytes.js", import.meta.url));
const emulator = "qemu-x86_64";

const whyNot =
  process.arch === "x64" && process.platform === "linux"
    ? spawnSync(emulator, ["--version"]).error === undefined
      ? null
      : `${emulator} is not installed`
    : "this is not Linux on x64";

/** The embedding on this CPU, or on an emulated one that has AVX2 and no VNNI. */
function embed(model: string, picture: string, where: "here" | "Haswell"): readonly number[] {
  const args = [script, model, String(smallVision.side), picture];
  const [command, ...first] = where === "here" ? [process.execPath] : [emulator, "-cpu", where, process.execPath];
  // The emulator warns of features that it lacks.
  return JSON.parse(
    execFileSync(command!, [...first, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
}

const cosine = (one: readonly number[], other: readonly number[]) =>
  one.reduce((sum, value, at) => sum + value * other[at]!, 0);

unlessSkipped("a CPU with AVX2 and without VNNI", whyNot, () => {
  test("gives seven-bit weights the same bits, and gets eight-bit weights wrong", async () => {
    const folder = join(await aFolder(), "encoder");
    await mkdir(folder);
    const { models } = await createEncoderWriter(folder, aSmallPlan({ models: ["int8", "int8-7bit"] })).write();
    const picture = join(folder, "white.bin");
    await writeFile(picture, new Uint8Array(smallVision.side ** 2 * 3).fill(255));
    const [eight, seven] = models.map(({ file }) => join(folder, file)) as [string, string];
    expect(embed(seven, picture, "Haswell")).toEqual(embed(seven, picture, "here"));
    // Sums of two products beyond 16 bits are cut off there: the reason for the seven-bit file.
    expect(cosine(embed(eight, picture, "Haswell"), embed(eight, picture, "here"))).toBeLessThan(0.999);
  });
});
