import type * as source from "../../src/open-pipeline-encoder.js";

// Threads run compiled code, and the adapter finds its worker's script beside itself: `npm test` compiles first.
const compiled = new URL("../../dist/src/open-pipeline-encoder.js", import.meta.url);

/** `openServingEncoder` as it is deployed. Its errors are of the compiled class: compare codes, not classes. */
export const { openServingEncoder } = (await import(compiled.href)) as typeof source;
