import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckpoint } from "../../../models/checkpoint/checkpoint.js";
import { readPickle } from "../../../models/checkpoint/pickle.js";
import { aFolder } from "../../support/a-folder.js";
import { aTorchFile, torchEntries, toZipBytes } from "../../support/a-torch-archive.js";
import { aPickle, dict, rawPickle, storage, tensor, text } from "../../support/pickle-bytes.js";
import { projectFolder } from "../../support/project-files.js";

/** What the definition of a strided view says, one index at a time. */
function elementsOf(shape: readonly number[], strides: readonly number[], at: number): number[] {
  const [side, ...sides] = shape;
  if (side === undefined) return [at];
  return Array.from({ length: side }, (_, index) =>
    elementsOf(sides, strides.slice(1), at + index * strides[0]!),
  ).flat();
}

test("every view that lies inside its storage is read as its strides say", async () => {
  const dimension = fc.record({ side: fc.integer({ min: 0, max: 4 }), stride: fc.integer({ min: 0, max: 9 }) });
  const aView = fc.record({
    dimensions: fc.array(dimension, { maxLength: 4 }),
    offset: fc.integer({ min: 0, max: 5 }),
    type: fc.constantFrom("FloatStorage", "HalfStorage", "BFloat16Storage"),
  });
  await fc.assert(
    fc.asyncProperty(aView, async ({ dimensions, offset, type }) => {
      const shape = dimensions.map(({ side }) => side);
      const strides = dimensions.map(({ stride }) => stride);
      const wanted = elementsOf(shape, strides, offset);
      const elements = Math.max(offset, ...wanted.map((each) => each + 1));
      // Numbers that all three types hold exactly, each at its own place.
      const bits = Float32Array.from({ length: elements }, (_, index) => index);
      const halves: Readonly<Record<string, (value: number) => number>> = {
        HalfStorage: (value) =>
          value === 0
            ? 0
            : ((Math.floor(Math.log2(value)) + 15) << 10) | ((value / 2 ** Math.floor(Math.log2(value)) - 1) * 1024),
        BFloat16Storage: (value) => new Uint32Array(Float32Array.of(value).buffer)[0]! >>> 16,
      };
      const toHalf = halves[type];
      const data = toHalf === undefined ? bits : Uint16Array.from(bits, toHalf);
      const pickle = aPickle(dict([text("a"), tensor(storage(type, "0", elements), { offset, shape, strides })]));
      const bytes = new Uint8Array(data.buffer);
      const checkpoint = await openCheckpoint(await aTorchFile(toZipBytes(torchEntries(pickle, [bytes]))));
      expect([...(await checkpoint.tensors.get("a")!.read())]).toEqual(wanted);
      await checkpoint.close();
    }),
    { numRuns: 300 },
  );
});

test("a pickle of any bytes is read or refused with one line", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...")(]}Nt\x85\x86aeusRbQq\0h\0K\x01X.c\nX\x93\x94\x95\x8a\x8f\x90\x91"), {
        maxLength: 60,
      }),
      (codes) => {
        try {
          readPickle(rawPickle("\x80\x02", codes.join(""), "."), { globals: new Map() });
        } catch (error) {
          expect((error as Error).constructor).toBe(Error);
          expect((error as Error).message).toMatch(/^[^\n]+$/);
        }
      },
    ),
    { numRuns: 5_000 },
  );
});

const realFiles = ["typed.bin", "protocol4.bin", "views.bin", "training.pt", "typed.safetensors"].map((name) =>
  readFileSync(join(projectFolder, "test/golden/data/checkpoints", name)),
);

test("a real file with changed bytes is read or refused with one line that names it", async () => {
  const path = join(await aFolder(), "changed");
  const aChange = fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  const aFile = fc.record({
    file: fc.constantFrom(...realFiles),
    changes: fc.array(aChange, { minLength: 1, maxLength: 4 }),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  });
  await fc.assert(
    fc.asyncProperty(aFile, async ({ file, changes, cut }) => {
      const bytes = Buffer.from(file.subarray(0, cut === null ? file.length : Math.floor(cut * file.length)));
      for (const { place, byte } of changes) bytes[Math.floor(place * bytes.length)] = byte;
      await writeFile(path, bytes);
      try {
        const checkpoint = await openCheckpoint(path);
        for (const tensor of checkpoint.tensors.values()) await tensor.read().catch(requireOneLine);
        await checkpoint.close();
      } catch (error) {
        requireOneLine(error);
      }
    }),
    { numRuns: 1_000 },
  );

  function requireOneLine(error: unknown): void {
    expect((error as Error).constructor).toBe(Error);
    expect((error as Error).message).toMatch(/^[^\n]+$/);
    expect((error as Error).message.startsWith(path)).toBe(true);
  }
});
