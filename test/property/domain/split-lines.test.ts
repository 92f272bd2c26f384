import fc from "fast-check";
import { expect, it } from "vitest";
import { splitLines } from "../../../src/domain/split-lines.js";
import { collect, inPieces } from "../../support/async-bytes.js";

const runs = { numRuns: 500 };

/** Bytes with many line feeds and carriage returns, and the places where they are cut, some of them twice. */
const bodyAndCuts = fc
  .array(fc.oneof(fc.constantFrom(10, 13, 10), fc.integer({ min: 0, max: 255 })), { maxLength: 200 })
  .chain((bytes) =>
    fc.tuple(
      fc.constant(Uint8Array.from(bytes)),
      fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 }),
    ),
  );

function cut(body: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), body.length];
  return places.slice(1).map((to, i) => body.subarray(places[i], to));
}

/** Line by line as the platform cuts: after every line feed. */
function linesOf(body: Uint8Array): readonly string[] {
  return (
    Buffer.from(body)
      .toString("latin1")
      .match(/[^\n]*\n|[^\n]+$/g) ?? []
  );
}

it("gives the same lines however the body is cut, as many as there are and in their order", async () => {
  await fc.assert(
    fc.asyncProperty(bodyAndCuts, async ([body, cuts]) => {
      const lines = await collect(splitLines(inPieces(cut(body, cuts)), 1000));
      const texts = lines.map((line) => Buffer.from(line!).toString("latin1"));
      expect(texts).toEqual(linesOf(body).map((line) => line.replace(/\n$/, "")));
    }),
    runs,
  );
});

it("drops exactly the lines over the limit, however the body is cut", async () => {
  await fc.assert(
    fc.asyncProperty(bodyAndCuts, fc.integer({ min: 0, max: 20 }), async ([body, cuts], limit) => {
      const lines = await collect(splitLines(inPieces(cut(body, cuts)), limit));
      const sizes = linesOf(body).map((line) => line.replace(/\n$/, "").length);
      expect(lines.map((line) => line?.length ?? null)).toEqual(sizes.map((size) => (size > limit ? null : size)));
    }),
    runs,
  );
});
