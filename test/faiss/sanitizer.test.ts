import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { addonPath, run, runScript } from "./run-script.js";

const faiss = faissAvailability();
const compiler = process.env.CXX || "g++";
const library = await run(compiler, ["-print-file-name=libasan.so"]).then(
  ({ output }) => output.trim(),
  () => "",
);

function reasonToSkip(): string | null {
  if (!faiss.available) return faiss.reason;
  // Without the library the compiler repeats the bare name.
  return library.startsWith("/") && existsSync(library) ? null : `${compiler} has no address sanitizer`;
}

unlessSkipped("the address sanitizer", reasonToSkip(), () => {
  const sanitized = join(dirname(addonPath), "stygig_faiss_address.node");
  beforeAll(async () => {
    const built = await run(process.execPath, ["native/faiss/build.js", "--sanitize=address"]);
    expect(built.code, built.output).toBe(0);
  });

  it("is really in the addon: without its library the addon refuses to load", async () => {
    const { code, output } = await runScript("exercise", [sanitized, "shapes"]);
    expect(code).not.toBe(0);
    expect(output).toContain("ASan runtime does not come first");
  });

  it("finds nothing read, written or freed wrongly in anything the addon does, and nothing lost", async () => {
    const { code, signal, output } = await runScript("exercise", [sanitized], {
      LD_PRELOAD: library,
      // FAISS itself is not instrumented, so a vector that crosses over looks overrun; leaks have their own exit below.
      ASAN_OPTIONS: "detect_container_overflow=0:detect_leaks=1:exitcode=99",
    });
    const [work, leaks = ""] = output.split("LeakSanitizer: detected memory leaks");
    expect(work).not.toContain("AddressSanitizer");
    expect(work).toContain("\ndone\n");
    // V8 leaves what it has to the end of the process, which is what 99 is about; the addon and FAISS must not.
    expect([0, 99]).toContain(code);
    expect(signal).toBeNull();
    const lostHere = leaks.split("\n\n").filter((leak) => /#1 .*(native\/faiss|stygig_faiss)/.test(leak));
    expect(lostHere).toEqual([]);
  });
});
