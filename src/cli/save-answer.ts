import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Reply } from "../../client/client.js";
import { epochMs } from "../serving/clock.js";
import { toAnswerPage } from "./answer-page.js";

/** Where V4's test client put its sheets. */
const usualFolder = "test_results";

/**
 * Writes an answer's page and, beside it, its JSON, and gives the page's path: the one that is named, otherwise one
 * with the time in its name. @throws Error in one line when it cannot be written
 */
export async function saveAnswer(reply: Reply, image: Uint8Array | null, named: string | true): Promise<string> {
  const stamp = new Date(epochMs()).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const file = named === true ? `${usualFolder}/recommendations_${stamp}.html` : named;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, toAnswerPage(reply, image));
    await writeFile(file.replace(/(\.html?)?$/i, ".json"), `${JSON.stringify(reply, null, 2)}\n`);
  } catch (error) {
    throw new Error(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  return file;
}
