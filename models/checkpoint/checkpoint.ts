import { openCheckpointFile } from "./checkpoint-file.js";
import { readFileKind } from "./file-kind.js";
import { listPytorch } from "./pytorch.js";
import { listSafetensors } from "./safetensors.js";
import type { TensorType } from "./tensor-type.js";

/** A tensor of a checkpoint. `read` gives its values as float32, row-major; it refuses other types than F32, F16, BF16. */
export type CheckpointTensor = Readonly<{
  name: string;
  shape: readonly number[];
  dtype: TensorType;
  read: () => Promise<Float32Array<ArrayBuffer>>;
}>;

/** An open file of weights, by tensor name. Nothing is read before it is asked for, nor after `close`. */
export type Checkpoint = Readonly<{
  format: "safetensors" | "pytorch";
  tensors: ReadonlyMap<string, CheckpointTensor>;
  close: () => Promise<void>;
}>;

/** Opens a checkpoint, whatever its name says. @throws Error with one line for the operator that names the file. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const file = await openCheckpointFile(path);
  try {
    const format = await readFileKind(file);
    const tensors = await (format === "pytorch" ? listPytorch(file) : listSafetensors(file));
    return { format, tensors, close: file.close };
  } catch (error) {
    await file.close();
    throw error;
  }
}
