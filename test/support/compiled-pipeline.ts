import type * as source from "../../src/open-pipeline.js";

// Threads run compiled code, and the decoder and encoder find their scripts beside themselves: `npm test` compiles first.
const compiled = new URL("../../dist/src/open-pipeline.js", import.meta.url);

/** `openPipeline` as it is run. */
export const { openPipeline } = (await import(compiled.href)) as typeof source;
