import type * as source from "../../models/decoded-pictures.js";

// Decoder threads run compiled code, found beside the compiled adapters: `npm test` compiles first.
const compiled = new URL("../../dist/models/decoded-pictures.js", import.meta.url);

/** `decodedPictures` as it is run. */
export const { decodedPictures } = (await import(compiled.href)) as typeof source;
