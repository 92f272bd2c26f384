import { describe, expect, test } from "vitest";
import { embedPictures } from "../../../../models/verify/embed-pictures.js";
import type { LabeledPicture } from "../../../../models/verify/labeled-pictures.js";
import { toEmbedding } from "../../../../src/domain/embedding.js";
import { ServiceError } from "../../../../src/domain/errors.js";
import type { RgbImage } from "../../../../src/domain/image.js";

const preprocess = "clip-exact-16";
const side = 16;

/** Pictures of a single byte each: the value of every pixel. */
function pictures(...values: readonly (number | Error)[]): readonly LabeledPicture[] {
  return values.map((value, i) => ({
    name: `${i}.png`,
    category: "hat",
    read: async () => {
      if (value instanceof Error) throw value;
      return Uint8Array.of(value);
    },
  }));
}

/** Decoder and encoder of such pictures; `onEncode` may fail on a value, or wait. */
function parts(onEncode: (value: number) => unknown = () => undefined) {
  const running = { now: 0, most: 0 };
  return {
    running,
    preprocess,
    ahead: 3,
    signal: new AbortController().signal,
    decode: async (bytes: Uint8Array) => {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      if (bytes[0] === 0) throw new ServiceError("image_undecodable");
      const view: RgbImage = { width: side, height: side, pixels: new Uint8Array(side * side * 3).fill(bytes[0]!) };
      return { size: { width: 16, height: 16 }, modelView: view, palette: [gray], meanColor: null } as const;
    },
    encode: async (inputs: readonly Readonly<{ data: Uint8Array }>[]) => {
      const value = inputs[0]!.data[0]!;
      await onEncode(value);
      running.now -= 1;
      return inputs.map(() => toEmbedding(Float32Array.of(value, 1)));
    },
  } as const;
}

const gray = { rgb: [1, 1, 1], hsl: { hue: 0, saturation: 0, lightness: 0 }, share: 1 } as const;

describe("pictures are embedded", () => {
  test("in their order, whichever is done first", async () => {
    const opened = new Map<number, () => void>();
    const gate = (value: number) => new Promise<void>((resolve) => opened.set(value, resolve));
    const embedding = embedPictures(pictures(7, 9), parts(gate));
    const waitFor = async (value: number) => {
      while (!opened.has(value)) await new Promise((resolve) => setImmediate(resolve));
      opened.get(value)!();
    };
    await waitFor(9);
    await waitFor(7);
    const [first, second] = await embedding;
    expect(first).toEqual({ embedding: toEmbedding(Float32Array.of(7, 1)) });
    expect(second).toEqual({ embedding: toEmbedding(Float32Array.of(9, 1)) });
  });

  test("a few at once, however many there are", async () => {
    const some = parts();
    await embedPictures(pictures(...Array.from({ length: 50 }, (_, i) => i + 1)), some);
    expect(some.running.most).toBe(3);
  });

  test("none are none", async () => {
    expect(await embedPictures([], parts())).toEqual([]);
  });
});

describe("one bad picture is told from a bad encoder", () => {
  test("unreadable and undecodable ones are refused by name of the reason", async () => {
    const embedded = await embedPictures(pictures(new Error("cannot be read (EACCES)"), 0, 5), parts());
    expect(embedded).toEqual([
      { embedding: null, refusal: "cannot be read (EACCES)", refusedBy: "picture" },
      { embedding: null, refusal: "not a readable picture", refusedBy: "picture" },
      { embedding: toEmbedding(Float32Array.of(5, 1)) },
    ]);
  });

  test("a vector that is none is the encoder's fault", async () => {
    const zero = new ServiceError("encoder_failed", { reason: "zero vector" });
    const embedded = await embedPictures(
      pictures(3, 4),
      parts((value) => (value === 3 ? Promise.reject(zero) : undefined)),
    );
    expect(embedded[0]).toEqual({ embedding: null, refusal: "zero vector", refusedBy: "encoder" });
    expect(embedded[1]?.embedding).not.toBeNull();
  });

  test("an encoder that is gone ends it all", async () => {
    const seen: number[] = [];
    const lost = parts((value) => {
      seen.push(value);
      return Promise.reject(new ServiceError("not_ready"));
    });
    const many = pictures(...Array.from({ length: 50 }, (_, i) => i + 1));
    await expect(embedPictures(many, lost)).rejects.toMatchObject({ code: "not_ready" });
    expect(seen.length).toBeLessThanOrEqual(3);
  });

  test("a signal ends it with its reason", async () => {
    const interruption = new AbortController();
    const stopped = {
      ...parts((value) => value === 5 && interruption.abort(new Error("interrupted"))),
      signal: interruption.signal,
    };
    const many = pictures(...Array.from({ length: 50 }, (_, i) => i + 1));
    await expect(embedPictures(many, stopped)).rejects.toThrow("interrupted");
  });
});
