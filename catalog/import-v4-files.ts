import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { maxPickleBytes } from "../models/checkpoint/pickle.js";
import { isJsonObject, shown, textRule } from "../src/domain/json-fields.js";
import type { DamageList } from "./import-v4-damage.js";
import { readV4Records, type V4Category } from "./import-v4-records.js";
import type { V4Files } from "./import-v4-vectors.js";
import type { WantedFiles } from "./unpack-artifact.js";

const names = {
  config: "config.json",
  metadata: "metadata.pkl",
  npz: "embeddings.npz",
  index: "faiss_index.index",
} as const;

/** A million vectors of CLIP's 512 values, and what a file has beside them. */
const maxVectorBytes = 2 ** 31 + 2 ** 20;
const maxConfigBytes = 1_000_000;
const modelRule = textRule(100);

/** What V4's artifact holds beside its own program, with the most that is read of each. */
export const v4Files: WantedFiles = new Map<string, number>([
  [names.config, maxConfigBytes],
  [names.metadata, maxPickleBytes],
  [names.npz, maxVectorBytes],
  [names.index, maxVectorBytes],
]);

/** What V4's config.json says of the model that made the vectors. */
export type V4Model = Readonly<{ name: string; weights: string; dimension: number | null }>;

export type V4Artifact = Readonly<{
  model: V4Model;
  categories: readonly V4Category[];
  files: V4Files;
  notes: string[];
}>;

/** Reads V4's files but for the vectors, running nothing. @throws Error with one line for the operator */
export async function readV4Artifact(folder: string, damage: DamageList): Promise<V4Artifact> {
  const present = new Map<string, boolean>();
  for (const [name, most] of v4Files) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found !== null && !found.isFile()) throw new Error(`${name} is not a file`);
    if (found !== null && found.size > most)
      throw new Error(`${name} has ${found.size} bytes; at most ${most} are read`);
    present.set(name, found !== null);
  }
  if (!present.get(names.metadata)) throw new Error("it has no metadata.pkl: this is no artifact of V4");
  const notes: string[] = [];
  const model = present.get(names.config) ? await readConfig(join(folder, names.config)) : unsaid(notes);
  const bytes = new Uint8Array(await readFile(join(folder, names.metadata)));
  const categories = readCategories(bytes, damage);
  const has = (name: string) => (present.get(name) ? name : null);
  return { model, categories, files: { folder, npz: has(names.npz), index: has(names.index) }, notes };
}

function readCategories(bytes: Uint8Array<ArrayBuffer>, damage: DamageList): readonly V4Category[] {
  try {
    return readV4Records(bytes, damage);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`metadata.pkl ${reason}`, { cause: error });
  }
}

function unsaid(notes: string[]): V4Model {
  notes.push("the artifact has no config.json: V4 takes its model for ViT-B-32 of openai then");
  return { name: "ViT-B-32", weights: "openai", dimension: null };
}

async function readConfig(file: string): Promise<V4Model> {
  const config = parse(await readFile(file, "utf8"));
  const { clip_model: name = "ViT-B-32", clip_pretrained: weights = "openai", embed_dim: dimension = null } = config;
  if (!modelRule.accepts(name) || !modelRule.accepts(weights)) {
    throw new Error(`config.json names the model ${shown(name)} of ${shown(weights)}`);
  }
  const isSize = dimension === null || (Number.isSafeInteger(dimension) && (dimension as number) > 0);
  if (!isSize) throw new Error(`config.json says that vectors have ${shown(dimension)} values`);
  return { name: name as string, weights: weights as string, dimension: dimension as number | null };
}

function parse(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error("config.json is not JSON", { cause: error });
  }
  if (!isJsonObject(value)) throw new Error(`config.json holds ${shown(value)}, not an object`);
  return value;
}
