import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Parsed } from "../../src/domain/parsed.js";
import { type Measurement, parseMeasurement } from "./measurement.js";

/**
 * The rows of a measurement file, `{"measurements": [...]}`, or every problem of it with the row's number.
 * @throws the file system's own error where there is no such file or it may not be read
 */
export async function readMeasurements(file: string): Promise<Parsed<readonly Measurement[]>> {
  const text = await readFile(file, "utf8");
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { problems: [`${file} is not JSON`] };
  }
  const rows = toRows(content);
  if (rows === null) return { problems: [`${file} is not {"measurements": [...]}`] };
  const parsed = rows.map(parseMeasurement);
  const [first, ...rest] = parsed.flatMap((row, index) =>
    "problems" in row ? row.problems.map((problem) => `${file}: row ${index + 1}: ${problem}`) : [],
  );
  if (first !== undefined) return { problems: [first, ...rest] };
  return { value: parsed.flatMap((row) => ("value" in row ? [row.value] : [])) };
}

function toRows(content: unknown): readonly unknown[] | null {
  if (typeof content !== "object" || content === null) return null;
  if (Object.keys(content).join() !== "measurements" || !("measurements" in content)) return null;
  return Array.isArray(content.measurements) ? content.measurements : null;
}

/**
 * Adds a row to a measurement file, which begins with it where there was none. Readers see the old file or the new one,
 * never half of it; of two writers at once one is refused, for it would take the other's row away.
 * @throws Error with one line when the row or the file is none, the file is being written, or the disk refuses
 */
export async function addMeasurement(file: string, row: Measurement): Promise<void> {
  const parsed = parseMeasurement(row);
  if ("problems" in parsed) throw new Error(`not a measurement: ${parsed.problems.join("; ")}`);
  await mkdir(dirname(file), { recursive: true });
  const lock = `${file}.lock`;
  const held = await open(lock, "wx").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw new Error(`${file} is being written by another; if none is at work, remove ${lock}`);
  });
  try {
    await held.close();
    await replaceFile(file, [...(await rowsOf(file)), parsed.value]);
  } finally {
    await rm(lock, { force: true });
  }
}

async function rowsOf(file: string): Promise<readonly Measurement[]> {
  try {
    const read = await readMeasurements(file);
    if ("problems" in read) throw new Error(read.problems[0]);
    return read.value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function replaceFile(file: string, measurements: readonly Measurement[]): Promise<void> {
  const unfinished = `${file}.unfinished`;
  try {
    const written = await open(unfinished, "w");
    try {
      await written.writeFile(`${JSON.stringify({ measurements }, null, 2)}\n`);
      await written.sync();
    } finally {
      await written.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
