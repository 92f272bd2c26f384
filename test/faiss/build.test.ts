import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { aFolder } from "../support/a-folder.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { run } from "./run-script.js";

const faiss = faissAvailability();

async function build(compiler?: string) {
  return run(process.execPath, ["native/faiss/build.js"], compiler === undefined ? {} : { CXX: compiler });
}

/** A compiler that answers as `script` says; `$@` are its parameters. */
async function aCompiler(script: string): Promise<string> {
  const path = join(await aFolder(), "compiler");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

it("succeeds without a compiler, and says what serves and how to get FAISS", async () => {
  const { code, output } = await build("/nonexistent/compiler");
  expect(code).toBe(0);
  expect(output).toMatch(
    /^faiss: not built, no C\+\+ compiler .*apt-get install libfaiss-dev libopenblas-dev g\+\+\n$/,
  );
});

it("succeeds without FAISS's headers", async () => {
  const { code, output } = await build(await aCompiler('case "$1" in --version) exit 0;; esac; exit 1'));
  expect(code).toBe(0);
  expect(output).toMatch(/^faiss: not built, no FAISS headers; .*\n$/);
});

unlessSkipped("with FAISS", faiss.available ? null : faiss.reason, () => {
  it("fails with the compiler's own words when the compiler does", async () => {
    const script = 'case "$1" in --version) echo other; exit;; -E) exec g++ "$@";; esac; echo "no space left"; exit 1';
    const { code, output } = await build(await aCompiler(script));
    expect(code).toBe(1);
    expect(output).toContain("no space left");
    // What was built before is still there and still right.
    expect((await build()).output).toMatch(/is up to date/);
  });

  it("does nothing when nothing changed", async () => {
    await build();
    const { code, output } = await build();
    expect(code).toBe(0);
    expect(output).toMatch(/^faiss: build\/stygig_faiss\.node is up to date \(FAISS [\d.]+\)\n$/);
  });
});
