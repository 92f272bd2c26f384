import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../models/checkpoint/checkpoint.js";
import { projectFolder, readProjectFile } from "../support/project-files.js";

type Expected = Readonly<{ dtype: string; shape: readonly number[]; values?: string }>;
const golden: Readonly<{
  versions: Readonly<Record<string, string>>;
  files: Readonly<Record<string, Readonly<Record<string, Expected>>>>;
}> = JSON.parse(readProjectFile("test/golden/data/checkpoints/expected.json"));

const fileOf = (name: string) => join(projectFolder, "test/golden/data/checkpoints", name);

/** From hex, in which -0 is itself; which NaN is which, torch itself does not keep. */
function fromHex(hex: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(hex, "hex")).buffer);
}

describe(`files of torch ${golden.versions.torch} and safetensors ${golden.versions.safetensors}`, () => {
  test.each(Object.entries(golden.files))(
    "%s: every tensor has the values that its own library reads",
    async (name, tensors) => {
      const checkpoint = await openCheckpoint(fileOf(name));
      expect([...checkpoint.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
      for (const [key, { dtype, shape, values }] of Object.entries(tensors)) {
        const tensor = checkpoint.tensors.get(key)!;
        expect({ key, dtype: tensor.dtype, shape: tensor.shape }).toEqual({ key, dtype, shape });
        if (values === undefined) await expect(tensor.read()).rejects.toThrow(`tensor "${key}" is ${dtype}; only F32`);
        else expect({ key, values: await tensor.read() }).toEqual({ key, values: fromHex(values) });
      }
      await checkpoint.close();
    },
  );

  const refused = [
    ["old.bin", "is a pickle without an archive, as PyTorch wrote before 1.6; open it there and save it again"],
    ["os-system.bin", "its pickle names posix.system, which is not allowed"],
    ["whole-module.bin", "its pickle names __main__.Tower, which is not allowed"],
    ["torchscript.pt", "it is a TorchScript archive, a program with its weights, which is not run"],
  ] as const;
  test.each(refused)("%s is refused with one line", async (name, message) => {
    const error: Error = await openCheckpoint(fileOf(name)).then(
      () => new Error("it was opened"),
      (reason) => reason,
    );
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^[^\n]*$/);
    expect(error.message.startsWith(fileOf(name))).toBe(true);
  });
});
