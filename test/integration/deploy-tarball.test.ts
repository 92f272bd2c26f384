import { copyFile, mkdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { create } from "tar";
import { beforeAll, describe, expect, it } from "vitest";
import { packArtifact } from "../../catalog/pack-artifact.js";
import { checkTarball, type PromisedFiles } from "../../deploy/upload-tarball.js";
import { readArtifactManifest } from "../../src/adapters/artifact-words.js";
import { aFolder } from "../support/a-folder.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";

let artifact: string;
let packed: string;
let promised: PromisedFiles;
beforeAll(async () => {
  artifact = await writeTinyArtifact(await aFolder());
  packed = join(await aFolder(), "model.tar.gz");
  await packArtifact(artifact, packed);
  const { manifest, digest } = await readArtifactManifest(artifact);
  promised = { ...manifest.files, "manifest.json": { sha256: digest } };
});

async function aTarball(folder: string, paths: readonly string[], gzip = true): Promise<string> {
  const file = join(await aFolder(), "model.tar.gz");
  await create({ cwd: folder, file, gzip }, [...paths]);
  return file;
}

const check = async (file: string) =>
  (await checkTarball(file, promised)).map((line) => line.replace(file, basename(file)));

describe("a model's archive", () => {
  it("is right as it is packed, and as the guide's tar command packs it", async () => {
    expect(await check(packed)).toEqual([]);
    expect(await check(await aTarball(artifact, ["."]))).toEqual([]);
  });

  it("is refused with a folder around everything", async () => {
    const outside = await aFolder();
    await mkdir(join(outside, "model"));
    for (const name of Object.keys(promised)) {
      await mkdir(join(outside, "model", name, ".."), { recursive: true });
      await copyFile(join(artifact, name), join(outside, "model", name));
    }
    expect(await check(await aTarball(outside, ["model"]))).toEqual([
      "model.tar.gz: everything in it lies in the folder model; files have to be at the root: tar -C model -czf ... .",
    ]);
  });

  it("is refused with a link, as in folders of downloaded models", async () => {
    const folder = await aFolder();
    await symlink("/etc/hostname", join(folder, "model.onnx"));
    expect(await check(await aTarball(folder, ["."]))).toContain(
      "model.tar.gz: model.onnx is a SymbolicLink, and the platform unpacks only files and folders",
    );
  });

  it("is refused without its encoder, with a file of its own, and with a file that is another", async () => {
    const folder = await aFolder();
    for (const name of ["manifest.json", "items.jsonl", "rules.json"]) {
      await copyFile(join(artifact, name), join(folder, name));
    }
    await writeFile(join(folder, "rules.json"), "{}");
    await writeFile(join(folder, "notes.txt"), "mine");
    const problems = await check(await aTarball(folder, ["."]));
    expect(problems).toEqual(
      expect.arrayContaining([
        "model.tar.gz: encoder/encoder.json is missing",
        "model.tar.gz: embeddings.f32 is missing",
        "model.tar.gz: rules.json is another than the artifact's",
        "model.tar.gz: notes.txt is not part of the artifact",
      ]),
    );
  });

  it("is refused when it is a tar without gzip, a zip, cut off, empty, or two files of one name", async () => {
    expect(await check(await aTarball(artifact, ["."], false))).toEqual([expect.stringContaining("is no gzip")]);
    const file = join(await aFolder(), "model.tar.gz");
    await writeFile(file, Buffer.from("504b0304", "hex"));
    expect(await check(file)).toEqual([expect.stringContaining("is a zip")]);
    await copyFile(packed, file);
    await truncate(file, (await readFile(file)).length >> 1);
    expect(await check(file)).toEqual([expect.stringContaining("is not a whole tar.gz")]);
    await writeFile(file, "");
    expect(await check(file)).toEqual([expect.stringContaining("is no gzip")]);
    expect(await check(await aTarball(artifact, ["rules.json", "./rules.json"]))).toContain(
      "model.tar.gz: rules.json is in it twice",
    );
    await expect(check("/nonexistent")).rejects.toThrow("ENOENT");
  });
});
