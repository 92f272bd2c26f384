import { open } from "node:fs/promises";
import { expect, test } from "vitest";
import { explainFileProblem } from "../../../../models/hub/file-problem.js";

test("a full disk is named, with the way on", async () => {
  // The device that is always full.
  const handle = await open("/dev/full", "w");
  const error = await handle.writeFile("x").catch((failure: unknown) => failure);
  await handle.close();
  expect(explainFileProblem("model", error)).toMatchObject({
    message: "model: the disk is full (ENOSPC); make room and run the same command again, it goes on where it stopped",
  });
});

test.each([
  ["EACCES", "model: no permission to write there (EACCES)"],
  ["EROFS", "model: the file system is read-only (EROFS)"],
  ["EWEIRD", "model: cannot be used (EWEIRD)"],
])("%s is one line", (code, message) => {
  expect(explainFileProblem("model", Object.assign(new Error("x"), { code, syscall: "open" }))).toMatchObject({
    message,
  });
});

test("what is no file's fault stays as it is", () => {
  const error = new Error("other");
  expect(explainFileProblem("model", error)).toBe(error);
});
