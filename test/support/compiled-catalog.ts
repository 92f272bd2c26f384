import type * as source from "../../catalog/build-catalog.js";
import type * as importSource from "../../catalog/import-v4.js";
import type * as updateSource from "../../catalog/update-catalog.js";

// Decoder and encoder threads run compiled code, found beside the compiled adapters: `npm test` compiles first.
const compiled = new URL("../../dist/catalog/build-catalog.js", import.meta.url);

/** `buildCatalog` as it is run. */
export const { buildCatalog } = (await import(compiled.href)) as typeof source;

const update = new URL("../../dist/catalog/update-catalog.js", import.meta.url);

/** `updateCatalog` as it is run. */
export const { updateCatalog } = (await import(update.href)) as typeof updateSource;

const v4 = new URL("../../dist/catalog/import-v4.js", import.meta.url);

/** `importV4` as it is run. */
export const { importV4 } = (await import(v4.href)) as typeof importSource;
