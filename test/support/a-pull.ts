import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseHubSettings } from "../../models/hub/hub-settings.js";
import { parseWanted } from "../../models/hub/parse-wanted.js";
import { type PullOptions, type PullReport, pullModel } from "../../models/hub/pull-model.js";
import { aFolder } from "./a-folder.js";
import type { TestHub } from "./hub-server.js";

export const testToken = "hf_testTokenThatIsSecret";
export const someRepository = "someone/some-clip";

/** Bytes that differ everywhere, so that a wrong offset shows. */
export function someBytes(count: number, seed = 1): Uint8Array {
  let state = seed >>> 0;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

/** Large enough to be kept outside git, and to come in several pieces. */
export const someWeights = someBytes(300_000);

/** A repository in Hugging Face's form. */
export const someFiles: Readonly<Record<string, Uint8Array>> = {
  "README.md": Buffer.from("# some"),
  "config.json": Buffer.from('{"model_type":"clip"}'),
  "preprocessor_config.json": Buffer.from('{"crop_size":224}'),
  "model.safetensors": someWeights,
  "pytorch_model.bin": someBytes(2_000, 2),
};

/** One pull with everything that it said and waited for. `report` is null where it failed. */
export type PullResult = Readonly<{
  folder: string;
  report: PullReport | null;
  error: Error | null;
  lines: readonly string[];
  waitsMs: readonly number[];
  progress: readonly Readonly<{ done: number; total: number }>[];
}>;

export type PullChanges = Partial<Omit<PullOptions, "wanted">> &
  Readonly<{ id?: string; revision?: string; token?: string }>;

/** Pulls from a test hub into a new folder unless told otherwise; never waits for real. */
export async function aPull(hub: TestHub, changes: PullChanges = {}): Promise<PullResult> {
  const { id = someRepository, revision, token, ...rest } = changes;
  const wanted = parseWanted(id, revision);
  const settings = parseHubSettings({ HF_ENDPOINT: hub.endpoint, HF_TOKEN: token });
  if ("problems" in wanted || "problems" in settings) throw new Error("the test asks for nonsense");
  const lines: string[] = [];
  const waitsMs: number[] = [];
  const progress: Readonly<{ done: number; total: number }>[] = [];
  const options: PullOptions = {
    wanted: wanted.value,
    settings: settings.value,
    folder: join(await aFolder(), "model"),
    signal: new AbortController().signal,
    wait: async (ms) => void waitsMs.push(ms),
    tell: (line) => void lines.push(line),
    progress: (state) => void progress.push(state),
    inactivityMs: 60_000,
    ...rest,
  };
  const { folder } = options;
  try {
    return { folder, report: await pullModel(options), error: null, lines, waitsMs, progress };
  } catch (error) {
    return { folder, report: null, error: error as Error, lines, waitsMs, progress };
  }
}

/** All files below a folder with their bytes' digests; hidden ones too. */
export async function digestsIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).sort();
  const digests = names.map(async (name) => {
    return [
      name,
      createHash("sha256")
        .update(await readFile(join(folder, name)))
        .digest("hex"),
    ] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
