import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type EncoderManifest, parseEncoderManifest } from "../../src/domain/encoder-manifest.js";
import type { PrecisionGate } from "../../src/domain/precision-gate.js";

/** What was measured of each model, by the sha-256 of its file. */
export type MeasuredGates = ReadonlyMap<string, PrecisionGate>;

let writings = 0;

/**
 * Writes gates into the `encoder.json` of a folder, which is replaced in one step or stays as it was.
 * @throws Error with one line: not a manifest, or no longer the one whose models were measured.
 */
export async function recordGates(folder: string, gates: MeasuredGates): Promise<void> {
  const file = join(folder, "encoder.json");
  await clearLeftovers(folder);
  const parsed = parseEncoderManifest(parseJson(file, await readFile(file, "utf8")));
  if ("problems" in parsed) throw new Error(`${file} is not valid: ${parsed.problems.join(" ")}`);
  const missing = [...gates.keys()].find((sha256) => !parsed.value.models.some((model) => model.sha256 === sha256));
  if (missing !== undefined) throw new Error(`${file} changed meanwhile: no model in it has sha-256 ${missing}`);
  await replaceFile(file, `${JSON.stringify(withGates(parsed.value, gates), null, 2)}\n`);
}

/** The manifest with these gates in the place of those it had; fp32 is the reference and has none. */
export function withGates(manifest: EncoderManifest, gates: MeasuredGates): EncoderManifest {
  const [first, ...rest] = manifest.models.map((model) => {
    const gate = gates.get(model.sha256);
    return gate === undefined || model.precision === "fp32" ? model : { ...model, gate };
  });
  if (first === undefined) throw new RangeError("an encoder has at least one model");
  return { ...manifest, models: [first, ...rest] };
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's own message may quote several lines of the file.
    throw new Error(`${file} is not JSON`, { cause: error });
  }
}

/** What a killed process left here would keep the folder from ever being replaced, as a foreign file. */
async function clearLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const writer = /^encoder\.json\.writing-(\d+)-\d+$/.exec(name)?.[1];
    if (writer !== undefined && !isAlive(Number(writer))) await rm(join(folder, name), { force: true });
  }
}

function isAlive(processId: number): boolean {
  try {
    // Signal 0 is not sent; it only asks.
    return process.kill(processId, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.writing-${process.pid}-${writings++}`;
  try {
    const handle = await open(draft, "wx");
    try {
      await handle.writeFile(text);
      // Else a power cut could leave the new name without the new bytes.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}
