import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { listFiles, replaceFolder } from "../src/adapters/replace-folder.js";
import { parseEncoderManifest } from "../src/domain/encoder-manifest.js";

/**
 * Fills a new encoder folder and puts it in the place of an old one only when `fill` has succeeded.
 * @throws Error with one line when the target may not be replaced; whatever `fill` throws.
 */
export function replaceEncoder<T>(target: string, fill: (folder: string) => Promise<T>): Promise<T> {
  return replaceFolder(target, requireReplaceable, fill);
}

/**
 * Only what is absent, empty or an encoder folder with nothing beside it may be replaced: a mistyped target must not
 * cost anybody their files. @throws Error with one line.
 */
async function requireReplaceable(target: string): Promise<void> {
  const names = await listFiles(target);
  if (names.length === 0) return;
  const known = ["encoder.json", ...(await modelFilesOf(target))];
  const foreign = names.find((name) => !known.includes(name));
  if (foreign === undefined) return;
  throw new Error(`${target} holds ${foreign}, which is not part of an encoder, and will not be replaced`);
}

/** None where there is no manifest that could name any. */
async function modelFilesOf(folder: string): Promise<readonly string[]> {
  if (!(await readdir(folder)).includes("encoder.json")) return [];
  try {
    const parsed = parseEncoderManifest(JSON.parse(await readFile(join(folder, "encoder.json"), "utf8")));
    return "value" in parsed ? parsed.value.models.map(({ file }) => file) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
