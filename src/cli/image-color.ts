import { readFile } from "node:fs/promises";
import { createImageDecoder } from "../adapters/image-decoder.js";
import { settings } from "../config.js";
import type { Rgb } from "../domain/image.js";
import { writeData } from "./output.js";

/** What a picture's color is and how it was taken. */
type ImageColor = Readonly<{
  color_rgb: Rgb;
  method: "mean" | "dominant";
  palette?: readonly Readonly<{ rgb: Rgb; share: number }>[];
}>;

/** Prints the color of a picture. @throws ServiceError when it cannot be decoded */
export async function printImageColor(file: string, method: "mean" | "dominant", asJson: boolean): Promise<void> {
  const color = await takeColor(await readFile(file), method);
  if (asJson) return writeData(JSON.stringify(color));
  for (const { rgb, share } of color.palette ?? [{ rgb: color.color_rgb, share: 1 }]) {
    await writeData(`rgb(${rgb.join(", ")})  ${Math.round(share * 100)} %`);
  }
}

async function takeColor(bytes: Uint8Array, method: "mean" | "dominant"): Promise<ImageColor> {
  const decoder = createImageDecoder({ workers: 1, maxPixels: settings.maxPixels.usual });
  try {
    const wants = { preprocess: "clip-exact-224", meanColor: method === "mean" } as const;
    const { meanColor, palette } = await decoder.decode(bytes, wants);
    if (method === "dominant")
      return { color_rgb: palette[0].rgb, method, palette: palette.map(({ rgb, share }) => ({ rgb, share })) };
    if (meanColor === null) throw new RangeError("the decoder was asked for a mean color and gave none");
    return { color_rgb: meanColor, method };
  } finally {
    await decoder.close();
  }
}
