import { createHash } from "node:crypto";
import { link, open, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkVerifiedFile, checkVerifiedFiles, readVerifiedFile } from "../../src/adapters/verified-file.js";
import { aFolder } from "../support/a-folder.js";

const largeBytes = (1 << 24) + 3;
const toPromise = (bytes: Uint8Array) => ({
  sha256: createHash("sha256").update(bytes).digest("hex"),
  bytes: bytes.length,
});
const someday = new Date("2026-01-02T03:04:05Z");

/** A large file of an artifact that was last written on a day of its own. */
async function aLargeFile(fill: number) {
  const folder = await aFolder();
  const bytes = Buffer.alloc(largeBytes, fill);
  await writeFile(join(folder, "model.onnx"), bytes);
  await utimes(join(folder, "model.onnx"), someday, someday);
  const check = (path = "model.onnx") => checkVerifiedFile(folder, path, toPromise(bytes));
  return { folder, bytes, check };
}

async function spoil(file: string): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(Buffer.from([255]), 0, 1, largeBytes - 1);
  await handle.close();
}

describe("a large file that has been verified", () => {
  it("is not read again for as long as nothing says that it was written, wherever else it lies as well", async () => {
    const { folder, check } = await aLargeFile(1);
    await check();
    await link(join(folder, "model.onnx"), join(folder, "shared.onnx"));
    // Nobody does this but a test: the only way to see that the bytes are not looked at.
    await spoil(join(folder, "model.onnx"));
    await utimes(join(folder, "model.onnx"), someday, someday);
    await check();
    await check("shared.onnx");
  });

  it("is read again when it was written, and when another one is in its place", async () => {
    const { folder, check } = await aLargeFile(2);
    await check();
    await spoil(join(folder, "model.onnx"));
    await expect(check()).rejects.toThrow("model.onnx has sha-256 ");
    const other = await aLargeFile(2);
    await other.check();
    await rm(join(other.folder, "model.onnx"));
    await writeFile(join(other.folder, "model.onnx"), Buffer.alloc(largeBytes, 3));
    await utimes(join(other.folder, "model.onnx"), someday, someday);
    await expect(other.check()).rejects.toThrow("model.onnx has sha-256 ");
  });

  it("is held against what each manifest says of it", async () => {
    const { folder, bytes, check } = await aLargeFile(4);
    await check();
    const lie = { ...toPromise(bytes), sha256: "0".repeat(64) };
    await expect(checkVerifiedFile(folder, "model.onnx", lie)).rejects.toThrow("but the manifest says 000");
    const longer = { ...toPromise(bytes), bytes: largeBytes + 1 };
    await expect(checkVerifiedFile(folder, "model.onnx", longer)).rejects.toThrow(`has ${largeBytes} bytes`);
    await rm(join(folder, "model.onnx"));
    await expect(check()).rejects.toThrow("does not exist");
  });
});

it("of many files the one that is not as promised is named, and the others are not waited for", async () => {
  const folder = await aFolder();
  const files: [string, ReturnType<typeof toPromise>][] = [];
  for (let row = 0; row < 100; row++) {
    const bytes = Buffer.from(`picture ${row}`);
    await writeFile(join(folder, `${row}.webp`), bytes);
    files.push([`${row}.webp`, toPromise(bytes)]);
  }
  await checkVerifiedFiles(folder, files);
  await writeFile(join(folder, "57.webp"), "picture 75");
  await expect(checkVerifiedFiles(folder, files)).rejects.toThrow("57.webp has sha-256 ");
  await rm(join(folder, "57.webp"));
  await expect(checkVerifiedFiles(folder, files)).rejects.toThrow("57.webp does not exist");
  await checkVerifiedFiles(folder, []);
});

it("a file is read whole, whatever the pieces", async () => {
  const folder = await aFolder();
  for (const size of [1, (1 << 20) - 1, 1 << 20, 2 * (1 << 20) + 7]) {
    const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 31) % 251));
    await writeFile(join(folder, "items.jsonl"), bytes);
    expect(Buffer.compare(await readVerifiedFile(folder, "items.jsonl", toPromise(bytes)), bytes)).toBe(0);
  }
});
