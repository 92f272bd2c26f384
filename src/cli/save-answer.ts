import type { Reply } from "../../client/client.js";
import { replaceFile } from "../adapters/replace-file.js";
import { sniffImageFormat } from "../domain/image-format.js";
import { epochMs } from "../serving/clock.js";
import type { BoardPicture } from "../sheet/board.js";
import { toBoardPage } from "../sheet/board-page.js";
import { toBoard } from "../sheet/to-board.js";

/** Where V4's test client put its sheets. */
const usualFolder = "test_results";

/** What was asked about, by its name; the picture is null where the service had it from elsewhere. */
export type Asked = Readonly<{ name: string; image: Uint8Array | null }>;

/**
 * Writes an answer's page and, beside it, its JSON, and gives the page's path: the one that is named, otherwise one
 * with the time in its name. @throws Error in one line when it cannot be written
 */
export async function saveAnswer(reply: Reply, { name, image }: Asked, named: string | true): Promise<string> {
  const stamp = new Date(epochMs()).toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const file = named === true ? `${usualFolder}/recommendations_${stamp}.html` : named;
  const page = toBoardPage(toBoard(reply, { name, query: toPicture(image), pieces: [] }));
  await replaceFile(file, (handle) => handle.writeFile(page));
  const json = `${JSON.stringify(reply, null, 2)}\n`;
  await replaceFile(file.replace(/(\.html?)?$/i, ".json"), (handle) => handle.writeFile(json));
  return file;
}

/** As it was sent; null when it is no picture. */
function toPicture(image: Uint8Array | null): BoardPicture | null {
  const format = image === null ? null : sniffImageFormat(image);
  if (image === null || format === null) return null;
  const base64 = Buffer.from(image.buffer, image.byteOffset, image.byteLength).toString("base64");
  return { kind: "embedded", uri: `data:image/${format};base64,${base64}`, ratio: null };
}
