import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const folders: string[] = [];
afterAll(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
});

/** A new empty folder, removed with the test file that asked for it. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stygig-"));
  folders.push(folder);
  return folder;
}
