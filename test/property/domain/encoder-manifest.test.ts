import fc from "fast-check";
import { expect, test } from "vitest";
import { type EncoderManifest, parseEncoderManifest } from "../../../src/domain/encoder-manifest.js";
import { aGate, aManifest, anFp16Model, anFp32Model, anInt8Model } from "../../support/a-manifest.js";

const runs = { numRuns: 300 };

const unitVectors = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 })
  .filter((values) => Math.hypot(...values) > 1e-3)
  .map((values) => values.map((value) => value / Math.hypot(...values)));

const manifests: fc.Arbitrary<EncoderManifest> = fc
  .record({
    embedding: unitVectors,
    normalized: fc.boolean(),
    minCosine: fc.double({ min: 0.001, max: 1, noNaN: true }),
    layout: fc.constantFrom("nhwc" as const, "nchw" as const),
    mean: fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(0.4), fc.constant(0)),
    isFloat: fc.boolean(),
    gates: fc.tuple(fc.constantFrom(null, aGate(true), aGate(false)), fc.constantFrom(null, aGate(true))),
    models: fc.subarray([0, 1, 2, 3] as const, { minLength: 1 }),
    source: fc.option(fc.record({ architecture: fc.constant("vit-b-32") }), { nil: null }),
  })
  .map(({ embedding, normalized, minCosine, layout, mean, isFloat, gates, models, source }) => {
    const probe = { pattern: "ramp-v1", embedding, minCosine } as const;
    const all = [anFp32Model(), anFp16Model(gates[0]), anInt8Model(8, gates[0]), anInt8Model(7, gates[1])];
    const [first, ...rest] = models.map((which) => ({ ...all[which]!, probe }));
    const common = { name: "pixels", layout, side: 224 } as const;
    return aManifest({
      input: isFloat ? { ...common, dtype: "float32", mean, std: [1, 0.5, 0.25] } : { ...common, dtype: "uint8" },
      output: { name: "embedding", dimension: embedding.length, normalized },
      models: [first!, ...rest],
      ...(source === null ? {} : { source }),
    });
  });

/** JSON keeps every number but the sign of zero. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("what was written is what is read", () => {
  fc.assert(
    fc.property(manifests, (manifest) => {
      expect(parseEncoderManifest(throughJson(manifest))).toEqual({ value: throughJson(manifest) });
    }),
    runs,
  );
});

test("never throws, whatever it is given", () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (first, second, third) => {
      const changes = { input: first, output: second, models: third };
      const model = { ...anInt8Model(), probe: first, gate: second, layersInFp32: third };
      for (const value of [first, changes, { ...aManifest(), ...changes }, { ...aManifest(), models: [model] }]) {
        const parsed = parseEncoderManifest(value);
        if ("problems" in parsed) expect(parsed.problems.every((each) => each.endsWith("."))).toBe(true);
      }
    }),
    runs,
  );
});

test("any one field taken away is named", () => {
  fc.assert(
    fc.property(manifests, fc.constantFrom(...Object.keys(aManifest())), (manifest, field) => {
      const parsed = parseEncoderManifest(throughJson({ ...manifest, [field]: undefined }));
      expect("problems" in parsed && parsed.problems.some((each) => each.startsWith(field))).toBe(true);
    }),
    runs,
  );
});
