import { shown } from "../../src/domain/json-fields.js";
import type { CheckpointTensor } from "./checkpoint.js";
import type { CheckpointFile } from "./checkpoint-file.js";
import { maxPickleBytes, readPickle } from "./pickle.js";
import { readStrided } from "./read-strided.js";
import { maxNameLength, maxTensors } from "./safetensors.js";
import { tensorsOfStateDict } from "./state-dict.js";
import { tensorTypeBits } from "./tensor-type.js";
import { type TorchStorage, type TorchTensor, torchRules } from "./torch-globals.js";
import { readZipEntries, storedStart, type ZipEntry } from "./zip-entries.js";

/** Versions of the archive that PyTorch itself reads. */
const versions = { min: 1, max: 10 };

/**
 * The tensors of an archive of `torch.save`. Its pickle is read, never run; of the storages only their places are looked
 * at. Checksums are not compared: PyTorch may leave them out, and a pulled file has its own.
 * @throws Error with one line that names the file.
 */
export async function listPytorch(file: CheckpointFile): Promise<ReadonlyMap<string, CheckpointTensor>> {
  try {
    const archive = await openArchive(file);
    const pickle = await archive.read("data.pkl", maxPickleBytes);
    const tensors = stateDictOf(pickle);
    if (tensors.size > maxTensors) throw new Error(`it has ${tensors.size} tensors; at most ${maxTensors} are read`);
    const starts = await locateStorages(archive, tensors);
    return new Map([...tensors].map(([name, tensor]) => [name, toTensor(file, name, tensor, starts)]));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`${file.path} cannot be read as a PyTorch checkpoint: ${error.message}`, { cause: error });
  }
}

type Archive = Readonly<{
  /** The entry's size and its first byte in the file. */
  locate: (name: string) => Promise<Readonly<{ start: number; entry: ZipEntry }>>;
  read: (name: string, maxBytes: number) => Promise<Uint8Array<ArrayBuffer>>;
}>;

async function openArchive(file: CheckpointFile): Promise<Archive> {
  const entries = await readZipEntries(file);
  // All entries lie in one folder, which has the name that the file had once.
  const roots = [...entries.keys()].flatMap((name) => /^([^/]+\/)data\.pkl$/.exec(name)?.[1] ?? []);
  const [root] = roots;
  if (root === undefined) throw new Error("it is a zip archive without the data.pkl of torch.save");
  if (roots.length > 1) throw new Error("it has more than one data.pkl");
  if ([...entries.keys()].some((name) => name === `${root}constants.pkl` || name.startsWith(`${root}code/`))) {
    throw new Error(
      "it is a TorchScript archive, a program with its weights, which is not run; " +
        "save the weights alone: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW_FILE)",
    );
  }
  const locate = async (name: string) => {
    const entry = entries.get(root + name);
    if (entry === undefined) throw new Error(`it has no entry ${name}`);
    return { start: await storedStart(file, entry), entry };
  };
  const read = async (name: string, maxBytes: number) => {
    const { start, entry } = await locate(name);
    if (entry.bytes > maxBytes)
      throw new Error(`its entry ${name} has ${entry.bytes} bytes; at most ${maxBytes} are read`);
    const bytes = new Uint8Array(entry.bytes);
    await file.readInto(bytes, start);
    return bytes;
  };
  await checkVersion(entries, root, read);
  return { locate, read };
}

async function checkVersion(
  entries: ReadonlyMap<string, ZipEntry>,
  root: string,
  read: Archive["read"],
): Promise<void> {
  const text = async (name: string) => new TextDecoder().decode(await read(name, 64)).trim();
  const version = await text("version");
  if (!/^\d{1,3}$/.test(version) || Number(version) < versions.min || Number(version) > versions.max) {
    throw new Error(`it has version ${shown(version)}; ${versions.min} to ${versions.max} are read`);
  }
  // Absent before PyTorch 2.1, which wrote in the order of its machine.
  if (!entries.has(`${root}byteorder`)) return;
  const order = await text("byteorder");
  if (order !== "little") throw new Error(`it has the byte order ${shown(order)}; only "little" is read`);
}

function stateDictOf(pickle: Uint8Array<ArrayBuffer>): ReadonlyMap<string, TorchTensor> {
  try {
    return tensorsOfStateDict(readPickle(pickle, torchRules));
  } catch (error) {
    throw error instanceof Error ? new Error(`its pickle ${error.message}`, { cause: error }) : error;
  }
}

/** First byte of each storage by key; every promise of the pickle is compared with what is there. */
async function locateStorages(
  archive: Archive,
  tensors: ReadonlyMap<string, TorchTensor>,
): Promise<ReadonlyMap<string, number>> {
  const places = new Map<string, Readonly<{ start: number; entry: ZipEntry }>>();
  for (const [name, { storage }] of tensors) {
    if (name === "" || name.length > maxNameLength) {
      throw new Error(`tensor ${shown(name)} must have a name of 1 to ${maxNameLength} characters`);
    }
    const place = places.get(storage.key) ?? (await archive.locate(`data/${storage.key}`));
    places.set(storage.key, place);
    requireSize(name, storage, place.entry);
  }
  requireApart([...places.values()]);
  return new Map([...places].map(([key, { start }]) => [key, start]));
}

function requireSize(name: string, { key, dtype, elements }: TorchStorage, entry: ZipEntry): void {
  const promised = (BigInt(elements) * BigInt(tensorTypeBits[dtype])) / 8n;
  if (BigInt(entry.bytes) === promised) return;
  throw new Error(`tensor ${shown(name)} needs ${promised} bytes in data/${key}, which has ${entry.bytes}`);
}

/** One byte must not be data of two storages, nor data of one and the header of another. */
function requireApart(places: readonly Readonly<{ start: number; entry: ZipEntry }>[]): void {
  let reached = 0;
  for (const { start, entry } of [...places].sort((left, right) => left.entry.headerStart - right.entry.headerStart)) {
    if (entry.headerStart < reached) throw new Error(`its entry ${shown(entry.name)} overlaps the one before it`);
    reached = start + entry.bytes;
  }
}

function toTensor(
  file: CheckpointFile,
  name: string,
  tensor: TorchTensor,
  starts: ReadonlyMap<string, number>,
): CheckpointTensor {
  const start = starts.get(tensor.storage.key) as number;
  const read = () => readStrided(file, start, tensor, `${file.path}: tensor ${shown(name)}`);
  return { name, shape: tensor.shape, dtype: tensor.storage.dtype, read };
}
