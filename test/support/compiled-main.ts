import type * as source from "../../src/main.js";

// Threads run compiled code, and the decoder and encoder find their scripts beside themselves: `npm test` compiles first.
const compiled = new URL("../../dist/src/main.js", import.meta.url);

/** `serve` as it is deployed. */
export const { serve } = (await import(compiled.href)) as typeof source;
