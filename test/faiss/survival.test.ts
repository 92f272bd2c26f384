import { describe, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { addonPath, runScript } from "./run-script.js";

const faiss = faissAvailability();

// Each in a process of its own: where it fails, it ends the process, as other bindings of FAISS do.
unlessSkipped("survival", faiss.available ? null : faiss.reason, () => {
  describe("the addon survives", () => {
    it.each([
      ["rows of every width, ranges up to both ends, many queries at once", "shapes"],
      ["searches beside additions", "additions"],
      ["indexes closed or dropped in the middle of a search", "drops"],
      ["wrong arguments, paths that cannot be written or read, use after close", "refusals"],
      ["files cut at every byte and changed at every byte", "files"],
      ["being loaded in many threads, half of them ended at work", "threads"],
    ])("%s, and the process ending while it searches", async (_, part) => {
      expect(await runScript("exercise", [addonPath, part])).toEqual({
        code: 0,
        signal: null,
        output: `${part}: well\ndone\n`,
      });
    });
  });
});
