import { drawFormula } from "../../support/formula-pictures.js";
import { flat, toSharp } from "../../support/test-pictures.js";

/** A picture in one of the formats that are read, before anything is done to it. */
export type BasePicture = Readonly<{ format: string; type: string; bytes: Buffer }>;

const drawings = [drawFormula("disc", 96, 80), drawFormula("gradient", 61, 83)];

/** Every format twice. */
export const basePictures: readonly BasePicture[] = (
  await Promise.all(
    drawings.flatMap((drawing) => [
      toSharp(drawing).png().toBuffer(),
      toSharp(drawing).jpeg().toBuffer(),
      toSharp(drawing).jpeg({ progressive: true }).toBuffer(),
      toSharp(drawing).webp().toBuffer(),
      toSharp(drawing).webp({ lossless: true }).toBuffer(),
      toSharp(drawing).gif().toBuffer(),
      toSharp(drawing).tiff({ compression: "lzw" }).toBuffer(),
      toSharp(drawing).avif({ effort: 0 }).toBuffer(),
    ]),
  )
).map((bytes, at) => {
  const format = ["png", "jpeg", "jpeg", "webp", "webp", "gif", "tiff", "avif"][at % 8]!;
  return { format, type: `image/${format}`, bytes };
});

/** Those of one format. */
export function basesOf(format: string): readonly BasePicture[] {
  return basePictures.filter((each) => each.format === format);
}

/** A picture that can be answered, as JSON holds it. */
export const goodImage: string = basePictures[0]!.bytes.toString("base64");
/** The same of a single pixel, for bodies of very many. */
export const smallestImage: string = (await flat(1, 1, [9, 9, 9]).png().toBuffer()).toString("base64");
