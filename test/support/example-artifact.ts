import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exampleItem } from "../../src/http/openapi-answers.js";
import { tinyPicture, writeTinyArtifact } from "./tiny-artifact.js";

/** A tiny artifact that also has the item which the examples ask about; gives its folder. */
export async function writeExampleArtifact(folder: string): Promise<string> {
  const picture = join(folder, "images", `${exampleItem}.png`);
  await mkdir(dirname(picture), { recursive: true });
  await writeFile(picture, tinyPicture([200, 90, 130], 40));
  return writeTinyArtifact(folder);
}
