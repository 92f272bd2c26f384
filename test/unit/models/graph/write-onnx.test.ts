import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGraphBuilder, toBytes } from "../../../../models/graph/graph-builder.js";
import type { Initializer, OnnxGraph } from "../../../../models/graph/onnx-graph.js";
import { writeOnnx } from "../../../../models/graph/write-onnx.js";
import { openOnnxOutputs } from "../../../../src/adapters/onnx-outputs.js";
import { aFolder } from "../../../support/a-folder.js";

function aGraph(weight: Initializer): OnnxGraph {
  const builder = createGraphBuilder();
  const floats = builder.apply("Cast", ["bytes"], { attributes: { to: 1 } });
  builder.applyTo("product", "MatMul", [floats, builder.initializer(weight)]);
  return {
    inputs: [{ name: "bytes", type: "uint8", dimensions: ["n", 2] }],
    outputs: [{ name: "product", type: "float32", dimensions: ["n", 3] }],
    nodes: builder.nodes,
    initializers: builder.initializers,
  };
}

const weight: Initializer = {
  name: "weight",
  type: "float32",
  dimensions: [2, 3],
  read: async () => toBytes(Float32Array.of(1, 2, 3, 10, 20, 30)),
};

describe("an ONNX file", () => {
  test("runs as the graph says", async () => {
    const file = join(await aFolder(), "model.onnx");
    await writeOnnx(file, aGraph(weight));
    const network = await openOnnxOutputs(file, 1);
    const outputs = await network.run(Uint8Array.of(1, 1, 2, 0), [2, 2]);
    await network.close();
    expect([...outputs.get("product")!]).toEqual([11, 22, 33, 2, 4, 6]);
  });

  test("is told by its size and digest", async () => {
    const file = join(await aFolder(), "model.onnx");
    const { bytes, sha256 } = await writeOnnx(file, aGraph(weight));
    const written = await readFile(file);
    expect(bytes).toBe(written.length);
    expect(sha256).toBe(createHash("sha256").update(written).digest("hex"));
  });

  test("refuses values that do not fill their shape", async () => {
    const short = { ...weight, read: async () => new Uint8Array(20) };
    await expect(writeOnnx(join(await aFolder(), "model.onnx"), aGraph(short))).rejects.toThrow(
      "weight has 20 bytes, not 24",
    );
  });

  test("refuses to grow beyond what a protocol buffer holds, before anything is read", async () => {
    const huge: Initializer = {
      ...weight,
      dimensions: [2 ** 15, 2 ** 15],
      read: () => Promise.reject(new Error("was read")),
    };
    const file = join(await aFolder(), "model.onnx");
    await expect(writeOnnx(file, aGraph(huge))).rejects.toThrow(/cannot have more than 2147483647/);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });

  test("has each name once", () => {
    const builder = createGraphBuilder();
    builder.initializer(weight);
    expect(() => builder.initializer(weight)).toThrow("weight is in the graph already");
  });
});
