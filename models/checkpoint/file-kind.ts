import type { CheckpointFile } from "./checkpoint-file.js";

/** How files begin that are mistaken for checkpoints, and what to say of them. */
const others: readonly (readonly [beginning: RegExp, saying: string])[] = [
  [/^version https:\/\/git-lfs/, "is a git-lfs pointer, not the file it stands for; fetch that"],
  [/^GGUF/, "is a GGUF file; safetensors and PyTorch archives are read"],
  [/^.HDF\r\n/, "is an HDF5 file; safetensors and PyTorch archives are read"],
  [/^\s*[{[]/, "is JSON, not weights; an index of several files is not read"],
  [/^\s*</, "is a web page, not weights"],
];

const oldPickle =
  "is a pickle without an archive, as PyTorch wrote before 1.6; open it there and save it again: " +
  "torch.save(torch.load(FILE, map_location='cpu', weights_only=True), NEW_FILE)";

/** Which of the two formats a file has, by how it begins. @throws Error with one line for everything else. */
export async function readFileKind(file: CheckpointFile): Promise<"safetensors" | "pytorch"> {
  const bytes = new Uint8Array(Math.min(64, file.bytes));
  await file.readInto(bytes, 0);
  const beginning = Buffer.from(bytes).toString("latin1");
  if (beginning.startsWith("PK\x03\x04")) return "pytorch";
  // Its header begins behind the eight bytes of its length.
  if (beginning.charAt(8) === "{") return "safetensors";
  // PROTO, protocol 2.
  const saying = bytes[0] === 0x80 ? oldPickle : others.find(([pattern]) => pattern.test(beginning))?.[1];
  throw new Error(`${file.path} ${saying ?? "is neither a safetensors file nor an archive of torch.save"}`);
}
