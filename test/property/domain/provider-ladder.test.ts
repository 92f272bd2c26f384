import fc from "fast-check";
import { expect, test } from "vitest";
import type { EncoderModel } from "../../../src/domain/encoder-model.js";
import { planRungs, type RungWishes, toRungName } from "../../../src/domain/provider-ladder.js";
import { aGate, anFp16Model, anFp32Model, anInt8Model } from "../../support/a-manifest.js";

const gates = fc.constantFrom(null, aGate(true), aGate(false));
const models: fc.Arbitrary<readonly EncoderModel[]> = fc
  .tuple(gates, gates, gates, fc.subarray([0, 1, 2, 3], { minLength: 1 }))
  .map(([half, eight, seven, which]) => {
    const all = [anFp32Model(), anFp16Model(half), anInt8Model(8, eight), anInt8Model(7, seven)];
    return which.map((each) => all[each]!);
  });
const wishes: fc.Arbitrary<RungWishes> = fc.record({
  providers: fc.oneof(
    fc.constant("auto" as const),
    fc.shuffledSubarray(["tensorrt", "cuda", "cpu"] as const, { minLength: 1 }),
  ),
  precision: fc.constantFrom("auto" as const, "fp32" as const, "fp16" as const, "int8" as const),
  half: fc.boolean(),
});
const machines = fc.record({
  sumsBytesExactly: fc.boolean(),
  nvidiaDriver: fc.constantFrom(null, "470.1", "579.9", "580.0", "590.44"),
});

test("a plan keeps to the wishes, the gates and the machine, and accounts for each provider asked for", () => {
  fc.assert(
    fc.property(models, wishes, machines, (found, wish, machine) => {
      const { rungs, refused } = planRungs(found, wish, machine);
      expect(new Set(rungs.map(toRungName)).size).toBe(rungs.length);
      for (const { provider, model } of rungs) {
        expect(wish.providers === "auto" || wish.providers.includes(provider)).toBe(true);
        if (wish.precision !== "auto") expect(model.precision).toBe(wish.precision);
        else if (model.precision === "int8") expect(model.gate?.passed).toBe(true);
        else if (model.precision === "fp16")
          expect(wish.half && provider !== "cpu" && model.gate?.passed !== false).toBe(true);
        if (model.precision === "int8") {
          expect(provider).toBe("cpu");
          expect(machine.sumsBytesExactly || model.weightBits === 7).toBe(true);
        }
        if (provider !== "cpu") expect(["470.1", "579.9"]).not.toContain(machine.nvidiaDriver);
      }
      const mentioned = new Set([...rungs, ...refused].map(({ provider }) => provider));
      const asked = wish.providers === "auto" ? ["cpu"] : wish.providers;
      for (const provider of asked) expect(mentioned).toContain(provider);
    }),
    { numRuns: 500 },
  );
});

test("full precision on the CPU is always the last resort where nobody asked for anything else", () => {
  fc.assert(
    fc.property(models, machines, fc.boolean(), (found, machine, half) => {
      const { rungs } = planRungs(
        [anFp32Model(), ...found.filter(({ precision }) => precision !== "fp32")],
        {
          ...{ providers: "auto", precision: "auto" },
          half,
        },
        machine,
      );
      expect(toRungName(rungs.at(-1)!)).toBe("cpu fp32");
    }),
    { numRuns: 200 },
  );
});
