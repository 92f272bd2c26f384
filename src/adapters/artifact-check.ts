import { join } from "node:path";
import { type ArtifactManifest, artifactPaths, parseCalibration } from "../domain/artifact.js";
import { parseItemRecord } from "../domain/catalog-record.js";
import { parseRankingRules } from "../domain/ranking-rules.js";
import { maxLineBytes } from "./artifact-files.js";
import { parseFile, parseJson, readArtifactManifest, readEncoder } from "./artifact-words.js";
import { type Check, createVectorCheck } from "./vector-check.js";
import { checkVerifiedFiles, readVerifiedFile, scanVerifiedFile } from "./verified-file.js";

/**
 * Everything that `readArtifact` looks at, of a folder just built, in memory that does not grow with the catalog. The items
 * must be in the order of their ids, as builds have them: that tells without remembering them that no two are the same.
 * @throws Error as `readArtifact`
 */
export async function checkArtifact(folder: string): Promise<Readonly<{ manifest: ArtifactManifest; digest: string }>> {
  const { manifest, digest } = await readArtifactManifest(folder);
  const checks = new Map<string, Check>([
    [artifactPaths.items, createItemCheck(join(folder, artifactPaths.items), manifest)],
    [artifactPaths.embeddings, createVectorCheck(join(folder, artifactPaths.embeddings), manifest.dimension)],
  ]);
  for (const [path, check] of checks) {
    await scanVerifiedFile(folder, path, manifest.files[path]!, check.take);
    check.end();
  }
  const others = Object.entries(manifest.files).filter(([path]) => !checks.has(path));
  await checkVerifiedFiles(folder, others);
  const read = (path: string) => readVerifiedFile(folder, path, manifest.files[path]!);
  parseFile(folder, artifactPaths.rules, await read(artifactPaths.rules), parseRankingRules);
  parseFile(folder, artifactPaths.calibration, await read(artifactPaths.calibration), parseCalibration);
  await readEncoder(join(folder, "encoder"), manifest);
  return { manifest, digest };
}

/** What is found wrong is told at the end: with another digest than the promised one that is what is wrong. */
function toldAtTheEnd({ take, end }: Check): Check {
  let failure: unknown = null;
  return {
    take: (chunk) => {
      if (failure !== null) return;
      try {
        take(chunk);
      } catch (error) {
        failure = error;
      }
    },
    end: () => {
      if (failure !== null) throw failure;
      end();
    },
  };
}

function createItemCheck(file: string, { counts }: ArtifactManifest): Check {
  const found = new Map<string | null, number>();
  let [lines, last] = [0, ""];
  const takeLine = (bytes: Uint8Array) => {
    const where = `${file} line ${lines + 1}`;
    if (lines === counts.items) throw new Error(`${where}: the manifest counts ${counts.items} items`);
    const parsed = parseItemRecord(parseJson(where, bytes), lines++);
    if ("problems" in parsed) throw new Error(`${where}: ${parsed.problems.slice(0, 10).join(" ")}`);
    const { id, category } = parsed.value;
    if (!(id > last)) throw new Error(`${where}: its id does not come after that of the line before`);
    last = id;
    found.set(category, (found.get(category) ?? 0) + 1);
  };
  const { take, end } = createLineSplitter(takeLine, () => `${file} line ${lines + 1}`);
  return toldAtTheEnd({
    take,
    end: () => {
      end();
      if (lines < counts.items) {
        throw new Error(`${file} has ${lines} lines, but the manifest counts ${counts.items} items`);
      }
      found.delete(null);
      const agree = [...found].every(([category, count]) => counts.categories[category!] === count);
      if (!agree || found.size !== Object.keys(counts.categories).length) {
        throw new Error(`${file} does not have the categories that the manifest counts`);
      }
    },
  });
}

/** The last line may lack its end. */
function createLineSplitter(takeLine: (bytes: Uint8Array) => void, where: () => string): Check {
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  const keep = (bytes: Uint8Array) => {
    begunBytes += bytes.length;
    if (begunBytes > maxLineBytes) throw new Error(`${where()} is longer than ${maxLineBytes} bytes`);
    // The next chunk takes this one's place in memory.
    begun.push(bytes.slice());
  };
  const takeBegun = () => {
    const line = Buffer.concat(begun);
    [begun, begunBytes] = [[], 0];
    takeLine(line);
  };
  return {
    take: (chunk) => {
      let start = 0;
      for (let newline = chunk.indexOf(10); newline >= 0; newline = chunk.indexOf(10, start)) {
        keep(chunk.subarray(start, newline));
        takeBegun();
        start = newline + 1;
      }
      if (start < chunk.length) keep(chunk.subarray(start));
    },
    end: () => {
      if (begun.length > 0) takeBegun();
    },
  };
}
