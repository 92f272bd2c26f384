import fc from "fast-check";
import { expect, it } from "vitest";
import { parseServerConfig, settings } from "../../src/config.js";

const variables = Object.values(settings).flatMap((setting) => [...setting.variables]);
const text = fc.oneof(fc.string(), fc.integer().map(String), fc.constantFrom("auto", "true", "exact", "1-2", "", " "));

it("parses or complains about any environment, and never throws", () => {
  const environment = fc.dictionary(fc.oneof(fc.constantFrom(...variables), fc.string()), text, { maxKeys: 12 });
  fc.assert(
    fc.property(environment, (given) => {
      const parsed = parseServerConfig(given);
      if ("problems" in parsed) {
        expect(parsed.problems.length).toBeGreaterThan(0);
        return;
      }
      for (const variable of Object.keys(given)) {
        expect(variable.startsWith("STYGIG_") && !variables.includes(variable as never)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
