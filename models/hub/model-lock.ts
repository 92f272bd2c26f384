import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type FieldRule,
  isJsonObject,
  type JsonObject,
  oneOfRule,
  orNull,
  readFields,
  textRule,
  wholeNumberRule,
} from "../../src/domain/json-fields.js";
import { pulledNames } from "./choose-files.js";
import type { DeclaredDigest } from "./file-digest.js";
import { isCommit } from "./parse-wanted.js";

/** One file of a pulled model. */
export type LockedFile = Readonly<{ bytes: number; sha256: string; declared: DeclaredDigest }>;

/** What a folder holds: written last, when every file in it has been checked. */
export type ModelLock = Readonly<{
  repository: string;
  endpoint: string;
  /** As it was asked for; `commit` is what it meant on that day. */
  revision: string;
  commit: string;
  license: string | null;
  files: Readonly<Record<string, LockedFile>>;
}>;

const modelLockName = "model.lock.json";
const lockFormat = "stygig-model-lock";
const lockVersion = 1;

const text = textRule(300);
const digestRule = (length: number): FieldRule => ({
  expected: `${length} hexadecimal digits`,
  accepts: (value) => typeof value === "string" && value.length === length && /^[0-9a-f]+$/.test(value),
});
const objectRule: FieldRule = { expected: "an object", accepts: isJsonObject };

const lockRules = {
  format: oneOfRule(lockFormat),
  version: oneOfRule(lockVersion),
  repository: text,
  endpoint: text,
  revision: text,
  commit: { expected: "a commit", accepts: (value: unknown) => typeof value === "string" && isCommit(value) },
  license: orNull(text),
  files: objectRule,
};

const fileRules = {
  bytes: wholeNumberRule(0, Number.MAX_SAFE_INTEGER),
  sha256: digestRule(64),
  declared: objectRule,
};

/** The lock of a folder, or null where there is none. @throws Error with one line when it is no such file. */
export async function readModelLock(folder: string): Promise<ModelLock | null> {
  const file = join(folder, modelLockName);
  const content = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw new Error(`${file} cannot be read (${error.code})`, { cause: error });
  });
  if (content === null) return null;
  const problems: string[] = [];
  const lock = readFields("", parseJson(content), lockRules, problems);
  const files = isJsonObject(lock.files) ? lock.files : {};
  for (const [name, entry] of Object.entries(files)) checkEntry(name, entry, problems);
  if (problems.length > 0) throw new Error(`${file} is damaged: ${problems[0]} Remove the folder to pull anew.`);
  const { format: _, version: __, ...rest } = lock;
  return rest as unknown as ModelLock;
}

/** Written under another name first, so that a reader never sees half of it. */
export async function writeModelLock(folder: string, lock: ModelLock): Promise<void> {
  const file = join(folder, modelLockName);
  const temporary = join(folder, `.${modelLockName}.partial`);
  await rm(temporary, { force: true });
  const handle = await open(temporary, "wx", 0o644);
  try {
    await handle.writeFile(`${JSON.stringify({ format: lockFormat, version: lockVersion, ...lock }, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

function checkEntry(name: string, entry: unknown, problems: string[]): void {
  // Names become paths.
  if (!pulledNames.includes(name)) {
    problems.push("files lists a name that no pull writes.");
    return;
  }
  const path = `files[${JSON.stringify(name)}]`;
  const { declared } = readFields(path, entry, fileRules, problems);
  if (!isJsonObject(declared)) return;
  const length = declared.algorithm === "sha256" ? 64 : 40;
  const rules = { algorithm: oneOfRule("sha256", "git-blob-sha1"), hex: digestRule(length) };
  readFields(`${path}.declared`, declared, rules, problems);
}

function parseJson(content: string): JsonObject | null {
  try {
    return JSON.parse(content);
  } catch {
    // `readFields` says that this is no object.
    return null;
  }
}
