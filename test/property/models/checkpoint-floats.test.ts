import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../models/checkpoint/checkpoint.js";
import { float32BitsOfBfloat16, float32BitsOfHalf, widenInPlace } from "../../../models/checkpoint/half-float.js";
import { aSafetensorsFile, nearestBfloat16, nearestHalf, type TensorToWrite } from "../../support/a-checkpoint.js";

const everyPattern = Array.from({ length: 65_536 }, (_, bits) => bits);

/** What the standard says a binary format of 16 bits means, in doubles: no bits are moved. */
function meaning(pattern: number, fractionBits: number): number {
  const exponentBits = 15 - fractionBits;
  const sign = pattern >= 0x8000 ? -1 : 1;
  const size = pattern % 0x8000;
  const exponent = Math.floor(size / 2 ** fractionBits);
  const fraction = (size % 2 ** fractionBits) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

function float32(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

describe("16-bit floats as float32", () => {
  test("every half-precision number is what the standard says", () => {
    const wrong = everyPattern.filter((bits) => !Object.is(float32(float32BitsOfHalf(bits)), meaning(bits, 10)));
    expect(wrong).toEqual([]);
  });

  test("every bfloat16 is what the standard says", () => {
    const wrong = everyPattern.filter((bits) => !Object.is(float32(float32BitsOfBfloat16(bits)), meaning(bits, 7)));
    expect(wrong).toEqual([]);
  });

  test("a NaN keeps its sign and its payload", () => {
    expect(float32BitsOfHalf(0xfe01)).toBe(0xffc02000);
    expect(float32BitsOfBfloat16(0xffc1)).toBe(0xffc10000);
  });

  test("rounding an exact number gives its own bits back", () => {
    const finite = everyPattern.filter((bits) => Number.isFinite(meaning(bits, 10)));
    expect(finite.filter((bits) => nearestHalf(meaning(bits, 10)) !== bits)).toEqual([]);
    const finiteBrain = everyPattern.filter((bits) => Number.isFinite(meaning(bits, 7)));
    expect(finiteBrain.filter((bits) => nearestBfloat16(meaning(bits, 7)) !== bits)).toEqual([]);
  });

  test("widening in the result's own buffer overwrites nothing that is still to be read", () => {
    fc.assert(
      fc.property(fc.constantFrom("F16", "BF16"), fc.array(fc.integer({ min: 0, max: 65_535 })), (dtype, patterns) => {
        const values = new Float32Array(patterns.length);
        new Uint16Array(values.buffer, 2 * patterns.length).set(patterns);
        widenInPlace(values, dtype);
        expect([...values]).toEqual(patterns.map((each) => meaning(each, dtype === "F16" ? 10 : 7)));
      }),
      { numRuns: 300 },
    );
  });
});

test("what is written as safetensors is read again", async () => {
  const aTensor = fc
    .record({
      dtype: fc.constantFrom("F32", "F16", "BF16"),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      seed: fc.array(fc.integer({ min: -200, max: 200 }), { minLength: 1, maxLength: 9 }),
      name: fc
        .string({ minLength: 1, maxLength: 20 })
        .filter((name) => name !== "__metadata__" && name !== "__proto__"),
    })
    .map(({ dtype, shape, seed, name }): TensorToWrite => {
      const count = shape.reduce((product, side) => product * side, 1);
      return {
        name,
        dtype,
        shape,
        values: Array.from({ length: count }, (_, index) => seed[index % seed.length]! / 4),
      };
    });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(aTensor, { selector: ({ name }) => name, maxLength: 6 }), async (tensors) => {
      const checkpoint = await openCheckpoint(await aSafetensorsFile(tensors));
      expect(checkpoint.tensors.size).toBe(tensors.length);
      for (const { name, shape, dtype, values } of tensors) {
        const tensor = checkpoint.tensors.get(name)!;
        expect({ shape: tensor.shape, dtype: tensor.dtype }).toEqual({ shape, dtype });
        expect(await tensor.read()).toEqual(Float32Array.from(values));
      }
      await checkpoint.close();
    }),
    { numRuns: 200 },
  );
});
