import fc from "fast-check";
import { expect, test } from "vitest";
import { type EncoderManifest, parseEncoderManifest } from "../../../src/domain/encoder-manifest.js";
import { aManifest } from "../../support/a-manifest.js";

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
  })
  .map(({ embedding, normalized, minCosine, layout, mean, isFloat }) => {
    const common = { name: "pixels", layout, side: 224 } as const;
    return aManifest({
      input: isFloat ? { ...common, dtype: "float32", mean, std: [1, 0.5, 0.25] } : { ...common, dtype: "uint8" },
      output: { name: "embedding", dimension: embedding.length, normalized },
      probe: { pattern: "ramp-v1", embedding, minCosine },
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
      const changes = { input: first, output: second, probe: third };
      for (const value of [first, changes, { ...aManifest(), ...changes }]) {
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
