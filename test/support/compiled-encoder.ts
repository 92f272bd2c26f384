import type * as source from "../../src/adapters/onnx-encoder.js";

// Threads run compiled code, and the adapter finds its worker's script beside itself: `npm test` compiles first.
const compiled = new URL("../../dist/src/adapters/onnx-encoder.js", import.meta.url);

/** `createOnnxEncoder` as it is deployed. Its errors are of the compiled class: compare codes, not classes. */
export const { createOnnxEncoder } = (await import(compiled.href)) as typeof source;
