import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { Parser, type ReadEntry } from "tar";

/** The files that an archive must hold, by path, forward slashes: all of the artifact and its manifest. */
export type PromisedFiles = Readonly<Record<string, Readonly<{ sha256: string }>>>;

const maxProblems = 10;

/**
 * What the platform or our server would refuse in a model's archive, long after its upload: no gzip, a folder around
 * everything, links, a file that is missing or another than promised. One line each, none when it is right.
 * @throws Error when the file cannot be read
 */
export async function checkTarball(file: string, promised: PromisedFiles): Promise<readonly string[]> {
  const magic = await readMagic(file);
  if (!magic.startsWith("1f8b")) {
    const kind = magic.startsWith("504b") ? "a zip" : "no gzip";
    return [`${file} is ${kind}, and a model has to be a tar.gz whatever its name`];
  }
  const found = new Map<string, string>();
  const problems: string[] = [];
  try {
    await readEntries(file, (entry) => {
      const path = entry.path.replace(/^(?:\.\/)+/, "").replace(/\/$/, "");
      const isFile = entry.type === "File" || entry.type === "OldFile";
      if (!isFile && entry.type !== "Directory") {
        problems.push(`${path} is a ${entry.type}, and the platform unpacks only files and folders`);
      }
      if (!isFile) return entry.resume();
      const hash = createHash("sha256");
      entry.on("data", (chunk) => hash.update(chunk));
      entry.on("end", () => {
        if (found.has(path)) problems.push(`${path} is in it twice`);
        found.set(path, hash.digest("hex"));
      });
    });
  } catch (error) {
    return [`${file} is not a whole tar.gz: ${error instanceof Error ? error.message : String(error)}`];
  }
  return [...problems, ...compare(found, promised)].slice(0, maxProblems).map((problem) => `${file}: ${problem}`);
}

async function readMagic(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead).toString("hex");
  } finally {
    await handle.close();
  }
}

async function readEntries(file: string, look: (entry: ReadEntry) => void): Promise<void> {
  const parser = new Parser({ strict: true, onReadEntry: look });
  // The parser reports what it cannot read by an event, here or later.
  const ended = new Promise<void>((resolve, reject) => parser.on("end", resolve).on("error", reject));
  ended.catch(() => {});
  for await (const chunk of createReadStream(file)) parser.write(chunk);
  parser.end();
  await ended;
}

function compare(found: ReadonlyMap<string, string>, promised: PromisedFiles): readonly string[] {
  if (found.size === 0) return ["it is empty"];
  const folders = new Set([...found.keys()].map((path) => path.split("/")[0]!));
  const [folder] = folders;
  if (
    folders.size === 1 &&
    !found.has(folder!) &&
    !Object.keys(promised).some((path) => path.startsWith(`${folder}/`))
  ) {
    return [`everything in it lies in the folder ${folder}; files have to be at the root: tar -C ${folder} -czf ... .`];
  }
  const missing = Object.keys(promised).filter((path) => !found.has(path));
  const strange = [...found.keys()].filter((path) => !Object.hasOwn(promised, path));
  const other = [...found].filter(([path, sha256]) => (promised[path]?.sha256 ?? sha256) !== sha256);
  return [
    ...missing.map((path) => `${path} is missing`),
    ...other.map(([path]) => `${path} is another than the artifact's`),
    ...strange.map((path) => `${path} is not part of the artifact`),
  ];
}
