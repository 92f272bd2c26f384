import type { Parsed } from "../domain/parsed.js";
import type { LoadtestFlags } from "./loadtest-flags.js";
import { findPhotos, readPhoto } from "./photo-files.js";

/** What is asked about, and what the report says of it. */
export type LoadPictures = Readonly<{ pictures: readonly Uint8Array[]; described: string }>;

/** All are held in memory, so that no disk slows the load down. */
const mostPictures = 200;

/** The pictures of the flags, or garments drawn for it, one of each category. */
export async function readLoadPictures({
  image,
  photos,
}: Pick<LoadtestFlags, "image" | "photos">): Promise<Parsed<LoadPictures>> {
  if (image === undefined && photos === undefined) return { value: await drawPictures() };
  const found = photos === undefined ? { value: image! } : await findPhotos(photos, mostPictures);
  if ("problems" in found) return { problems: [`--photos: ${found.problems[0]}`] };
  try {
    const pictures = await Promise.all(found.value.map(readPhoto));
    return { value: { pictures, described: `${pictures.length} pictures, ${toMean(pictures)} KB on average` } };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}

async function drawPictures(): Promise<LoadPictures> {
  const { planDrawnPictures } = await import("../../catalog/sample/drawn-pictures.js");
  const pictures = await Promise.all(planDrawnPictures(1, "load").map(({ read }) => read()));
  return { pictures, described: `${pictures.length} drawn garments, ${toMean(pictures)} KB on average` };
}

function toMean(pictures: readonly Uint8Array[]): string {
  const bytes = pictures.reduce((sum, { length }) => sum + length, 0);
  return (bytes / pictures.length / 1000).toFixed(0);
}
