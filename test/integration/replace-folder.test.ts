import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFolder } from "../../src/adapters/replace-folder.js";
import { aFolder } from "../support/a-folder.js";

const anything = async () => {};
const filled = async () => "filled";

test("says where it cannot write by the name that it was given, not by that of the folder beside it", async () => {
  await expect(replaceFolder("/dev/null/shop/artifact", anything, filled)).rejects.toThrow(
    "/dev/null/shop/artifact cannot be written (ENOTDIR)",
  );
  // A folder that is there, in which none can be made.
  await expect(replaceFolder("/proc/artifact", anything, filled)).rejects.toThrow(
    /^\/proc\/artifact cannot be written \((ENOENT|EACCES|EPERM)\)$/,
  );
});

test("leaves a failure while filling as it was, and nothing beside the target", async () => {
  const folder = await aFolder();
  const failing = () => Promise.reject(new Error("no pictures"));
  await expect(replaceFolder(join(folder, "artifact"), anything, failing)).rejects.toThrow(/^no pictures$/);
  expect(await readdir(folder)).toEqual([]);
});
