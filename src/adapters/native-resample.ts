import { type MixPixels, mixPixels } from "../domain/resample.js";
import { faissAvailability } from "./faiss-index.js";

/** The addon's kernel where the addon is present, which gives the same bytes three times as fast; else TypeScript's. */
export function fastestMixPixels(): MixPixels {
  const availability = faissAvailability();
  return availability.available ? availability.addon.mixPixels : mixPixels;
}
