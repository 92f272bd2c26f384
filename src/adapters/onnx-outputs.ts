import { InferenceSession, Tensor } from "onnxruntime-node";

/** A graph with any number of float32 outputs, for looking inside a network. */
export type OnnxOutputs = Readonly<{
  /** The outputs by name, for bytes or for floats, whichever the graph takes. */
  run: (values: Uint8Array | Float32Array, dimensions: readonly number[]) => Promise<ReadonlyMap<string, Float32Array>>;
  close: () => Promise<void>;
}>;

/**
 * Opens the graph in a file on the CPU, in this thread: for commands, never for serving. Weights stay as they are in the
 * file, which is slower and takes half the memory. @throws Error with one line when the file is no such graph.
 */
export async function openOnnxOutputs(file: string, threads: number): Promise<OnnxOutputs> {
  const session = await InferenceSession.create(file, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableCpuMemArena: false,
    extra: { "session.intra_op.allow_spinning": "0", "session.disable_prepacking": "1" },
    logSeverityLevel: 3,
  });
  const [input, ...others] = session.inputNames;
  if (input === undefined || others.length > 0) throw new Error(`${file} takes ${session.inputNames.length} inputs`);
  return {
    run: async (values, dimensions) => {
      const type = values instanceof Float32Array ? "float32" : "uint8";
      const results = await session.run({ [input]: new Tensor(type, values, dimensions) });
      return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.data as Float32Array]));
    },
    close: () => session.release(),
  };
}
