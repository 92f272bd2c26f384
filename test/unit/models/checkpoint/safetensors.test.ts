import { symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../models/checkpoint/checkpoint.js";
import { openCheckpointFile } from "../../../../models/checkpoint/checkpoint-file.js";
import { listSafetensors } from "../../../../models/checkpoint/safetensors.js";
import { aSafetensorsFile, fileBytes, type TensorToWrite, toSafetensorsBytes } from "../../../support/a-checkpoint.js";
import { aFolder } from "../../../support/a-folder.js";
import { checkpointRefusal } from "../../../support/checkpoint-refusal.js";

const three: readonly TensorToWrite[] = [
  { name: "weight", dtype: "F32", shape: [2, 3], values: [1, -2.5, 3e38, 0, -0, 1e-45] },
  { name: "bias", dtype: "F16", shape: [3], values: [0.5, -65504, 6e-8] },
  { name: "scale", dtype: "BF16", shape: [], values: [-1.5] },
  { name: "position_ids", dtype: "I64", shape: [1, 2], values: [0, 1] },
  { name: "nothing", dtype: "F32", shape: [0, 7], values: [] },
];

async function aFile(bytes: Uint8Array): Promise<string> {
  const path = join(await aFolder(), "model.safetensors");
  await writeFile(path, bytes);
  return path;
}

/** A header of these entries over data of `dataBytes` zeros. */
function withHeader(header: unknown, dataBytes: number): Uint8Array {
  return fileBytes(typeof header === "string" ? header : JSON.stringify(header), [new Uint8Array(dataBytes)]);
}

const four = (begin: number, end: number) => ({ dtype: "F32", shape: [1], data_offsets: [begin, end] });

describe("a safetensors file", () => {
  test("gives its tensors in their order, with the values as float32", async () => {
    const checkpoint = await openCheckpoint(await aSafetensorsFile(three, { format: "pt" }));
    expect(checkpoint.format).toBe("safetensors");
    expect([...checkpoint.tensors.values()].map(({ name, shape, dtype }) => ({ name, shape, dtype }))).toEqual(
      three.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
    );
    expect([...checkpoint.tensors.keys()]).toEqual(three.map(({ name }) => name));
    const read = (name: string) => checkpoint.tensors.get(name)!.read();
    expect(await read("weight")).toEqual(Float32Array.of(1, -2.5, 3e38, 0, -0, 1e-45));
    expect(await read("bias")).toEqual(Float32Array.of(0.5, -65504, 2 ** -24));
    expect(await read("scale")).toEqual(Float32Array.of(-1.5));
    expect(await read("nothing")).toEqual(new Float32Array());
    await checkpoint.close();
  });

  test("gives each tensor a buffer of its own", async () => {
    const checkpoint = await openCheckpoint(await aSafetensorsFile(three));
    const tensor = checkpoint.tensors.get("bias")!;
    const [first, second] = await Promise.all([tensor.read(), tensor.read()]);
    expect(first.buffer.byteLength).toBe(12);
    expect(first.buffer).not.toBe(second.buffer);
    expect(first).toEqual(second);
    await checkpoint.close();
  });

  test("lists tensors of other types and refuses to read them by name", async () => {
    const path = await aSafetensorsFile(three);
    const checkpoint = await openCheckpoint(path);
    await expect(checkpoint.tensors.get("position_ids")!.read()).rejects.toThrow(
      `${path}: tensor "position_ids" is I64; only F32, F16 and BF16 are read`,
    );
    await checkpoint.close();
  });

  test("may lie in any order, be found by a link, and have spaces behind its header", async () => {
    const header = JSON.stringify({ second: four(4, 8), first: four(0, 4) });
    const data = new Uint8Array(Float32Array.of(1, 2).buffer);
    const path = await aFile(fileBytes(`${header}     `, [data]));
    const link = join(dirname(path), "link");
    await symlink(path, link);
    const checkpoint = await openCheckpoint(link);
    expect(await checkpoint.tensors.get("first")!.read()).toEqual(Float32Array.of(1));
    expect(await checkpoint.tensors.get("second")!.read()).toEqual(Float32Array.of(2));
    await checkpoint.close();
  });

  test("may have names that objects have of themselves", async () => {
    const checkpoint = await openCheckpoint(
      await aFile(fileBytes('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', [new Uint8Array(4)])),
    );
    expect([...checkpoint.tensors.keys()]).toEqual(["__proto__"]);
    expect(checkpoint.tensors.get("constructor")).toBeUndefined();
    await checkpoint.close();
  });

  test("that is closed, twice even, reads no more and says so", async () => {
    const path = await aSafetensorsFile(three);
    const checkpoint = await openCheckpoint(path);
    await Promise.all([checkpoint.close(), checkpoint.close()]);
    await expect(checkpoint.tensors.get("weight")!.read()).rejects.toThrow(`${path} was closed before it was read`);
  });

  test("that becomes shorter while it is open is noticed", async () => {
    const path = await aSafetensorsFile(three);
    const checkpoint = await openCheckpoint(path);
    await truncate(path, 20);
    await expect(checkpoint.tensors.get("weight")!.read()).rejects.toThrow(`${path} ends before byte`);
    await checkpoint.close();
  });
});

describe("a safetensors file is refused", () => {
  const unsound = (rest: string) => `is not a sound safetensors file: ${rest}`;
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    [
      "with a header longer than is read",
      fileBytes("{}", [], 2n ** 63n),
      `its header has ${2n ** 63n} bytes; at most 16777216 are read`,
    ],
    [
      "with a header longer than the file",
      fileBytes("{}", [], 3n),
      "its header has 3 bytes, but the file ends at byte 10",
    ],
    ["with a header cut short", fileBytes("{}", [], 1n), "its header is not JSON"],
    ["with a comment in the header", withHeader("{}//", 0), "its header is not JSON"],
    [
      "with the same tensor twice",
      withHeader(`{"a":${JSON.stringify(four(0, 4))},"\\u0061":${JSON.stringify(four(4, 8))}}`, 8),
      'its header names "a" twice',
    ],
    [
      "with the same field twice",
      withHeader('{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,4]}}', 4),
      'its header names "dtype" twice',
    ],
    [
      "with a fraction for a size",
      withHeader('{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}', 4),
      "its header has the number 1.0 where only whole ones belong",
    ],
    [
      "with a negative size",
      withHeader({ a: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, 4),
      "its header has the number -1 where only whole ones belong",
    ],
    [
      "with a text for a size",
      withHeader({ a: { dtype: "F32", shape: ["1"], data_offsets: [0, 4] } }, 4),
      'tensor "a" has no valid shape',
    ],
    [
      "with more dimensions than a shape has",
      withHeader({ a: { dtype: "F32", shape: Array(17).fill(1), data_offsets: [0, 4] } }, 4),
      'tensor "a" has no valid shape',
    ],
    [
      "with a shape beyond counting",
      withHeader({ a: { dtype: "F32", shape: [2 ** 40, 2 ** 40], data_offsets: [0, 4] } }, 4),
      'tensor "a" has no valid shape',
    ],
    [
      "with a shape beyond counting times none",
      withHeader({ a: { dtype: "F32", shape: [2 ** 40, 0, 2 ** 40], data_offsets: [0, 0] } }, 0),
      'tensor "a" has no valid shape',
    ],
    [
      "with an offset beyond exact numbers",
      withHeader({ a: { dtype: "F32", shape: [1], data_offsets: [0, 2 ** 60] } }, 4),
      'tensor "a" has no valid data_offsets',
    ],
    [
      "with three offsets",
      withHeader({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4, 8] } }, 4),
      'tensor "a" has no valid data_offsets',
    ],
    [
      "with offsets the wrong way round",
      withHeader({ a: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, 4),
      'tensor "a" holds -4 bytes, but its shape and dtype ask for 4',
    ],
    [
      "with more bytes than its shape has",
      withHeader({ a: { dtype: "F16", shape: [1], data_offsets: [0, 4] } }, 4),
      'tensor "a" holds 4 bytes, but its shape and dtype ask for 2',
    ],
    [
      "with part of a byte",
      withHeader({ a: { dtype: "F4", shape: [3], data_offsets: [0, 2] } }, 2),
      'tensor "a" holds 2 bytes, but its shape and dtype ask for 1.5',
    ],
    [
      "with an unknown dtype",
      withHeader({ a: { dtype: "toString", shape: [1], data_offsets: [0, 4] } }, 4),
      'tensor "a" has the unknown dtype "toString"',
    ],
    [
      "with a field of no meaning",
      withHeader({ a: { ...four(0, 4), sparse: 1 } }, 4),
      'tensor "a" must have dtype, shape and data_offsets, and nothing else',
    ],
    [
      "with a field too few",
      withHeader({ a: { dtype: "F32", shape: [1] } }, 4),
      'tensor "a" must have dtype, shape and data_offsets, and nothing else',
    ],
    [
      "with a tensor that is none",
      withHeader({ a: null }, 0),
      'tensor "a" must have dtype, shape and data_offsets, and nothing else',
    ],
    [
      "with a tensor without name",
      withHeader({ "": four(0, 4) }, 4),
      'tensor "" must have a name of 1 to 500 characters',
    ],
    [
      "with metadata that are not texts",
      withHeader({ __metadata__: { a: 1 } }, 0),
      "__metadata__ must be an object of texts",
    ],
    [
      "with tensors that overlap",
      withHeader({ a: { dtype: "F32", shape: [2], data_offsets: [0, 8] }, b: four(4, 8) }, 8),
      'tensor "b" overlaps the one before it',
    ],
    [
      "with two tensors on the same bytes",
      withHeader({ a: four(0, 4), b: four(0, 4) }, 4),
      'tensor "b" overlaps the one before it',
    ],
    ["with a hole", withHeader({ a: four(0, 4), b: four(8, 12) }, 12), 'there is a hole of 4 bytes before tensor "b"'],
    ["with a tensor beyond its end", withHeader({ a: four(0, 4), b: four(4, 8) }, 7), 'tensor "b" ends at byte 8 of 7'],
    ["with bytes left over", withHeader({ a: four(0, 4) }, 6), "its last 2 bytes belong to no tensor"],
    ["with bytes and no tensors", withHeader({}, 1), "its last 1 bytes belong to no tensor"],
  ];
  test.each(cases)("%s", async (_name, bytes, message) => {
    expect(await checkpointRefusal(bytes)).toBe(unsound(message));
  });

  test.each(["[ ]", " {}", "\uFEFF{}", ""])("with the header %j, by the reader itself", async (header) => {
    const file = await openCheckpointFile(await aFile(fileBytes(header, [new Uint8Array(8)])));
    await expect(listSafetensors(file)).rejects.toThrow(unsound("its header does not begin with {"));
    await file.close();
  });

  test("with a header that is not UTF-8", async () => {
    const bytes = fileBytes('{"?":1}', []);
    bytes[10] = 0xff;
    expect(await checkpointRefusal(bytes)).toBe(unsound("its header is not UTF-8"));
  });

  test("with more tensors than are read", async () => {
    const fields = Array.from(
      { length: 100_001 },
      (_, index) => `"t${index}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`,
    );
    expect(await checkpointRefusal(withHeader(`{${fields.join()}}`, 0))).toBe(
      unsound("it has 100001 tensors; at most 100000 are read"),
    );
  });

  test("with a header nested deeper than any stack", async () => {
    const depth = 1_000_000;
    expect(await checkpointRefusal(withHeader(`{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`, 0))).toBe(
      unsound('tensor "a" must have dtype, shape and data_offsets, and nothing else'),
    );
  });

  test("when it is cut anywhere", async () => {
    const whole = toSafetensorsBytes(three);
    for (let length = 0; length < whole.length; length += 13) {
      expect(await checkpointRefusal(whole.subarray(0, length))).not.toContain("it was opened");
    }
    expect(await checkpointRefusal(whole.subarray(0, whole.length - 1))).toContain("ends at byte");
  });

  test("when it is not there, or a folder", async () => {
    const folder = await aFolder();
    await expect(openCheckpoint(join(folder, "none"))).rejects.toThrow(`${join(folder, "none")} does not exist`);
    await expect(openCheckpoint(folder)).rejects.toThrow(`${folder} is not a file`);
  });
});

test("a tensor of more than can be read is refused before memory is taken for it", async () => {
  const elements = 2 ** 29 + 1;
  const header = JSON.stringify({ a: { dtype: "F32", shape: [elements], data_offsets: [0, elements * 4] } });
  const path = await aFile(fileBytes(header, []));
  // A sparse file: as long as it says, without taking the room.
  await truncate(path, 8 + header.length + elements * 4);
  const checkpoint = await openCheckpoint(path);
  await expect(checkpoint.tensors.get("a")!.read()).rejects.toThrow(
    `tensor "a" has ${elements} elements; at most ${2 ** 29} are read`,
  );
  await checkpoint.close();
});

test("tensors behind the first 4 GiB are found", async () => {
  const before = 2 ** 33;
  const header = JSON.stringify({
    a: { dtype: "U8", shape: [before], data_offsets: [0, before] },
    b: four(before, before + 4),
  });
  const path = await aFile(fileBytes(header, []));
  await truncate(path, 8 + header.length + before);
  await writeFile(path, new Uint8Array(Float32Array.of(7.25).buffer), { flag: "a" });
  const checkpoint = await openCheckpoint(path);
  expect(await checkpoint.tensors.get("b")!.read()).toEqual(Float32Array.of(7.25));
  await checkpoint.close();
});
