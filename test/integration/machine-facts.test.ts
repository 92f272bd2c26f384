import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sumsBytesExactly } from "../../src/adapters/cpu-features.js";
import { readNvidiaDriver } from "../../src/adapters/nvidia-driver.js";
import { aFolder } from "../support/a-folder.js";

async function aFile(text: string): Promise<string> {
  const file = join(await aFolder(), "file");
  await writeFile(file, text);
  return file;
}

const cpu = (...cores: readonly string[]) =>
  cores
    .map((flags, core) => `processor\t: ${core}\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu ${flags} sse2\n`)
    .join("\n");

describe("exact sums of bytes", () => {
  it.each([
    ["AVX-512 VNNI", cpu("avx2 avx512_vnni", "avx2 avx512_vnni"), true],
    ["AVX VNNI", cpu("avx2 avx_vnni"), true],
    ["AVX2 alone", cpu("avx2"), false],
    ["AVX-512 without VNNI", cpu("avx2 avx512f avx512bw"), false],
    ["one core without", cpu("avx512_vnni", "avx2"), false],
    ["a flag that only looks like it", cpu("not_avx_vnni"), false],
    ["a file of another kind", "Features : fp asimd\n", false],
    ["an empty file", "", false],
  ])("on x64 with %s", async (_what, text, expected) => {
    expect(await sumsBytesExactly("x64", await aFile(text))).toBe(expected);
  });

  it("are not believed in where nothing tells, but on arm64", async () => {
    expect(await sumsBytesExactly("x64", join(await aFolder(), "none"))).toBe(false);
    expect(await sumsBytesExactly("arm64", join(await aFolder(), "none"))).toBe(true);
  });

  it("can be read of this machine", async () => {
    expect(typeof (await sumsBytesExactly())).toBe("boolean");
  });
});

describe("the NVIDIA driver", () => {
  const closed = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\n";
  const open =
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.86.15  Release Build  (dvs-builder@U16)  Thu Jan 23\n";
  it.each([
    ["of the closed module", `${closed}GCC version:  gcc version 12.3.0 (Ubuntu)\n`, "535.104.05"],
    ["of the open module", `${open}GCC version:  gcc version 11.4.0\n`, "570.86.15"],
    ["of arm64", closed.replace("x86_64", "aarch64").replace("535.104.05", "580.65"), "580.65"],
  ])("is read %s", async (_what, text, version) => {
    expect(await readNvidiaDriver(await aFile(text))).toBe(version);
  });

  it("is none where there is no file, or one that says something else", async () => {
    expect(await readNvidiaDriver(join(await aFolder(), "none"))).toBeNull();
    expect(await readNvidiaDriver(await aFile("GCC version:  gcc version 12.3.0\n"))).toBeNull();
  });
});
