import { expect } from "vitest";
import { toPngBytes } from "../../src/adapters/png-bytes.js";
import { ask, parse } from "./contract-request.js";
import { drawFormula } from "./formula-pictures.js";
import { toSharp } from "./test-pictures.js";
import { tinyPicture } from "./tiny-artifact.js";

// What is sent holds for any artifact: pictures, and items that the target itself has named.

export const png = tinyPicture([200, 30, 40]);
export const image = Buffer.from(png).toString("base64");
export const jpeg = await toSharp(drawFormula("gradient", 120, 160))
  .jpeg()
  .toBuffer();
export const typed = (type: string): Readonly<Record<string, string>> => ({ "content-type": type });

let copies = 0;

/** The same picture in bytes that nobody has asked about: what follows its end is not looked at. */
export function freshPng(): Uint8Array<ArrayBuffer> {
  copies++;
  const mark = Buffer.from(`${process.pid} ${performance.now()} ${copies}`);
  return Uint8Array.from([...png, ...mark]);
}

/** A picture whose file has exactly this many bytes: most of it lies after the picture's end. */
export function jpegOfSize(bytes: number, mark = 0): Buffer {
  const padded = Buffer.alloc(bytes, 0x5a);
  padded.set(jpeg);
  padded.writeUInt32BE(mark, bytes - 4);
  return padded;
}

/** A picture that takes at least these many bytes because there is so much to see. */
export function noisyPng(bytes: number): Uint8Array {
  const side = Math.ceil(Math.sqrt(bytes / 3));
  const picture = toPngBytes(drawFormula("noise", side, side));
  expect(picture.length).toBeGreaterThanOrEqual(bytes);
  return picture;
}

/** The name of an item in the target's catalog. */
export async function anItemId(url: string): Promise<string> {
  const answer = await ask(url, {
    headers: typed("application/json"),
    body: JSON.stringify({ image, mode: "similar" }),
  });
  return parse(answer).recommendations[0].item_id;
}

/** Fails unless this is a whole answer about one picture. */
export function expectOutfit(reply: unknown): void {
  const row = {
    item_id: expect.any(String),
    category: expect.stringMatching(/./),
    rank: expect.any(Number),
    score: expect.any(Number),
  };
  expect(reply).toMatchObject({ metadata: { total_items: expect.any(Number) }, mode: "outfit" });
  const { recommendations } = reply as Readonly<{ recommendations: readonly Readonly<{ rank: number }>[] }>;
  expect(recommendations.length).toBeGreaterThan(0);
  for (const each of recommendations) expect(each).toMatchObject(row);
  expect(recommendations.map(({ rank }) => rank)).toEqual(recommendations.map((_, at) => at + 1));
}
