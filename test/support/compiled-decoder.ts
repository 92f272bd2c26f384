import type * as source from "../../src/adapters/image-decoder.js";

// Threads run compiled code, and the adapter finds its worker's script beside itself: `npm test` compiles first.
const compiled = new URL("../../dist/src/adapters/image-decoder.js", import.meta.url);

/** `createImageDecoder` as it is deployed. Its errors are of the compiled class: compare codes, not classes. */
export const { createImageDecoder } = (await import(compiled.href)) as typeof source;
