import type * as source from "../../models/verify/verify-models.js";

// Decoder threads run compiled code, found beside the compiled adapters: `npm test` compiles first.
const compiled = new URL("../../dist/models/verify/verify-models.js", import.meta.url);

/** `verifyModels` as it is run. */
export const { verifyModels } = (await import(compiled.href)) as typeof source;
