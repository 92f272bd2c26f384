import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { openCheckpoint } from "../../models/checkpoint/checkpoint.js";
import { aFolder } from "./a-folder.js";

/** What opening a file of these bytes says behind the file's name: one line, in every case. */
export async function checkpointRefusal(bytes: Uint8Array): Promise<string> {
  const path = join(await aFolder(), "weights");
  await writeFile(path, bytes);
  const message = await openCheckpoint(path).then(
    (checkpoint) => checkpoint.close().then(() => `${path} was opened`),
    (error: Error) => error.message,
  );
  expect(message).toMatch(/^[^\n]*$/);
  expect(message.startsWith(`${path} `)).toBe(true);
  return message.slice(path.length + 1).replace("cannot be read as a PyTorch checkpoint: ", "");
}
