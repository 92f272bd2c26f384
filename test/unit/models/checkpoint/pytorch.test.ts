import { truncate } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../../models/checkpoint/checkpoint.js";
import { aTorchFile, torchEntries, toZipBytes } from "../../../support/a-torch-archive.js";
import { checkpointRefusal } from "../../../support/checkpoint-refusal.js";
import {
  aPickle,
  call,
  dict,
  named,
  type PicklePiece,
  storage,
  tensor,
  text,
  tuple,
  whole,
} from "../../../support/pickle-bytes.js";

const floats = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const four = storage("FloatStorage", "0", 4);
const matrix = tensor(four, { shape: [2, 2], strides: [2, 1] });
const entries = torchEntries(aPickle(dict([text("weight"), matrix])), [floats(1, 2, 3, 4)]);

/** The tensors' values by name, of an archive with this pickle and these storages. */
async function valuesOf(bytes: Uint8Array): Promise<Readonly<Record<string, readonly number[]>>> {
  const checkpoint = await openCheckpoint(await aTorchFile(bytes));
  expect(checkpoint.format).toBe("pytorch");
  const values: [string, readonly number[]][] = [];
  for (const [name, each] of checkpoint.tensors) values.push([name, [...(await each.read())]]);
  await checkpoint.close();
  return Object.fromEntries(values);
}

const saved = (saved: PicklePiece, storages: readonly Uint8Array[] = [floats(1, 2, 3, 4)]) =>
  toZipBytes(torchEntries(aPickle(saved), storages));
describe("an archive of torch.save", () => {
  test("gives its tensors", async () => {
    expect(await valuesOf(toZipBytes(entries))).toEqual({ weight: [1, 2, 3, 4] });
  });

  test("may have its sizes in 64 bits", async () => {
    expect(await valuesOf(toZipBytes(entries, { zip64: true }))).toEqual({ weight: [1, 2, 3, 4] });
  });

  test("may lack the byte order, as before PyTorch 2.1, and have entries that nobody asks for", async () => {
    const older = entries.filter(({ name }) => name !== "archive/byteorder");
    const more = [...older, { name: "archive/.data/serialization_id", bytes: floats(9) }];
    expect(await valuesOf(toZipBytes(more))).toEqual({ weight: [1, 2, 3, 4] });
  });

  test("may hold views of one storage, whatever their strides", async () => {
    const views = dict(
      [text("rows"), matrix],
      [text("columns"), tensor(four, { shape: [2, 2], strides: [1, 2] })],
      [text("last"), tensor(four, { offset: 3, shape: [], strides: [] })],
      [text("overlapping"), tensor(four, { shape: [3, 2], strides: [1, 1] })],
      [text("repeated"), tensor(four, { offset: 1, shape: [2, 2], strides: [0, 1] })],
      [text("nothing"), tensor(four, { offset: 4, shape: [0, 2], strides: [2, 1] })],
      [text("one"), tensor(four, { offset: 2, shape: [1, 1], strides: [77, 99] })],
    );
    expect(await valuesOf(saved(views))).toEqual({
      rows: [1, 2, 3, 4],
      columns: [1, 3, 2, 4],
      last: [4],
      overlapping: [1, 2, 2, 3, 3, 4],
      repeated: [2, 3, 2, 3],
      nothing: [],
      one: [3],
    });
  });

  test("that becomes shorter while it is open is noticed", async () => {
    const path = await aTorchFile(toZipBytes(entries));
    const checkpoint = await openCheckpoint(path);
    await truncate(path, 40);
    await expect(checkpoint.tensors.get("weight")!.read()).rejects.toThrow(`${path} ends before byte`);
    await checkpoint.close();
  });

  test("refuses to read a view that makes much of little", async () => {
    const path = await aTorchFile(
      saved(dict([text("a"), tensor(four, { shape: [2 ** 13, 2 ** 12], strides: [0, 0] })])),
    );
    const checkpoint = await openCheckpoint(path);
    await expect(checkpoint.tensors.get("a")!.read()).rejects.toThrow(
      `${path}: tensor "a" repeats 1 elements to ${2 ** 25}; at most ${2 ** 24} are made that way`,
    );
    await checkpoint.close();
  });
});

describe("a state dict", () => {
  const inner = dict([text("a"), matrix]);

  test("is found in state_dict and in model, beside counters and optimizers", async () => {
    const optimizer = dict([text("state"), dict([whole(0), dict([text("exp_avg"), matrix])])]);
    const training = dict([text("epoch"), whole(3)], [text("state_dict"), inner], [text("optimizer"), optimizer]);
    expect(await valuesOf(saved(training))).toEqual({ a: [1, 2, 3, 4] });
    expect(await valuesOf(saved(dict([text("model"), inner])))).toEqual({ a: [1, 2, 3, 4] });
  });

  test("loses a prefix that every name has, the one inside another too", async () => {
    const wrapped = dict([text("module._orig_mod.a"), matrix], [text("module._orig_mod.module.b"), matrix]);
    expect(Object.keys(await valuesOf(saved(wrapped)))).toEqual(["a", "module.b"]);
  });

  test("keeps a prefix that not every name has, and a name that is nothing else", async () => {
    const some = dict([text("module.a"), matrix], [text("b"), matrix]);
    expect(Object.keys(await valuesOf(saved(some)))).toEqual(["module.a", "b"]);
    expect(Object.keys(await valuesOf(saved(dict([text("module."), matrix]))))).toEqual(["module."]);
  });

  const unclear: readonly (readonly [string, PicklePiece, string])[] = [
    ["a tensor alone", matrix, "holds no state dict: save model.state_dict()"],
    ["a list of tensors", ["](", matrix, "e"], "holds no state dict: save model.state_dict()"],
    ["an empty dict", dict(), 'holds no tensors, neither itself nor in "state_dict" or "model"'],
    [
      "a dict with tensors in another place",
      dict([text("ema"), inner]),
      'holds no tensors, neither itself nor in "state_dict" or "model"; it has some in "ema"',
    ],
    [
      "a dict with both",
      dict([text("model"), inner], [text("state_dict"), inner]),
      'holds tensors both in "state_dict" and in "model"',
    ],
    [
      "a dict with tensors on two levels",
      dict([text("scale"), matrix], [text("visual"), inner]),
      'holds tensors of its own and more of them in "visual"',
    ],
    [
      "a dict that contains itself",
      ["}q\0", text("state_dict"), "h\0s"],
      'holds no tensors, neither itself nor in "state_dict" or "model"',
    ],
    ["a tensor under a number", dict([whole(1), matrix]), "names a tensor 1, which is no text"],
  ];
  test.each(unclear)("is not %s", async (_name, piece, message) => {
    expect(await checkpointRefusal(saved(piece))).toBe(`its pickle ${message}`);
  });

  test("has no tensor without a name", async () => {
    expect(await checkpointRefusal(saved(dict([text(""), matrix])))).toBe(
      'tensor "" must have a name of 1 to 500 characters',
    );
  });
});

describe("a tensor is refused", () => {
  const rebuild = (...parameters: readonly PicklePiece[]) => call("torch._utils", "_rebuild_tensor_v2", ...parameters);
  const hooks = call("collections", "OrderedDict");
  const one = tuple(whole(1));
  const id = (...parts: readonly PicklePiece[]) => [tuple(...parts), "Q"];
  const float = named("torch", "FloatStorage");
  const cases: readonly (readonly [string, PicklePiece, string])[] = [
    [
      "one element too long",
      tensor(four, { shape: [5], strides: [1] }),
      "makes a tensor of storage 0 that reaches to element 5 of 4",
    ],
    [
      "with an offset outside",
      tensor(four, { offset: 5, shape: [0], strides: [1] }),
      "makes a tensor of storage 0 that reaches to element 5 of 4",
    ],
    [
      "with a stride outside",
      tensor(four, { shape: [2, 2], strides: [3, 1] }),
      "makes a tensor of storage 0 that reaches to element 5 of 4",
    ],
    [
      "with a stride beyond exact numbers",
      tensor(four, { shape: [3, 3], strides: [2 ** 53 - 1, 2 ** 53 - 1] }),
      `makes a tensor of storage 0 that reaches to element ${4n * (2n ** 53n - 1n) + 1n} of 4`,
    ],
    [
      "with a stride below zero",
      tensor(four, { offset: 3, shape: [4], strides: [-1] }),
      "makes a tensor of storage 0 without valid strides",
    ],
    [
      "with an offset below zero",
      tensor(four, { offset: -1, shape: [1], strides: [1] }),
      "makes a tensor of storage 0 without offset, sizes and strides",
    ],
    [
      "with a size below zero",
      tensor(four, { shape: [-1], strides: [1] }),
      "makes a tensor of storage 0 without a valid shape",
    ],
    [
      "with a shape beyond counting",
      tensor(four, { shape: [2 ** 40, 2 ** 40], strides: [0, 0] }),
      "makes a tensor of storage 0 without a valid shape",
    ],
    [
      "with fewer strides than sizes",
      tensor(four, { shape: [2, 2], strides: [1] }),
      "makes a tensor of storage 0 without a valid shape",
    ],
    [
      "with a text for a size",
      rebuild(four, whole(0), tuple(text("1")), one, "\x89", hooks),
      "makes a tensor of storage 0 without a valid shape",
    ],
    [
      "with a list of sizes",
      rebuild(four, whole(0), "](K\x01e", one, "\x89", hooks),
      "makes a tensor of storage 0 without offset, sizes and strides",
    ],
    [
      "with hooks",
      rebuild(four, whole(0), one, one, "\x89", dict([whole(0), "N"])),
      "makes a tensor with hooks, which are not read",
    ],
    [
      "that is marked as negative",
      rebuild(four, whole(0), one, one, "\x89", hooks, dict([text("neg"), "\x88"])),
      "makes a tensor with marks, which are not read",
    ],
    ["of too few things", rebuild(four, whole(0)), "makes a tensor of 2 things"],
    [
      "of a dict for a storage",
      rebuild(dict([text("kind"), text("storage")]), whole(0), one, one, "\x89", hooks),
      "makes a tensor of something that is no storage",
    ],
    [
      "of a tensor for a storage",
      rebuild(matrix, whole(0), one, one, "\x89", hooks),
      "makes a tensor of something that is no storage",
    ],
    [
      "of a parameter around nothing",
      call("torch._utils", "_rebuild_parameter", "N", "\x89", hooks),
      "makes a parameter of something that is no tensor",
    ],
    [
      "of a storage of bytes in the pickle",
      call("torch.storage", "_load_from_bytes", "C\x00"),
      "names torch.storage._load_from_bytes, which is not allowed",
    ],
    [
      "of a storage without type",
      named("torch.storage", "UntypedStorage"),
      "names torch.storage.UntypedStorage, which is not allowed",
    ],
    ["of a quantized storage", named("torch", "QInt8Storage"), "names torch.QInt8Storage, which is not allowed"],
    ["of an id that is a text", [text("storage"), "Q"], "refers to something that is no storage"],
    [
      "of an id of four parts",
      id(text("storage"), float, text("0"), text("cpu")),
      "refers to something that is no storage",
    ],
    [
      "of an id of another kind",
      id(text("module"), float, text("0"), text("cpu"), whole(4)),
      "refers to something that is no storage",
    ],
    [
      "of an id whose type is a text",
      id(text("storage"), text("torch.FloatStorage"), text("0"), text("cpu"), whole(4)),
      "refers to a storage of no type that is read",
    ],
    [
      "of an id whose type is a function",
      id(text("storage"), named("collections", "OrderedDict"), text("0"), text("cpu"), whole(4)),
      "refers to a storage of no type that is read",
    ],
    [
      "of an id that leads elsewhere",
      storage("FloatStorage", "../data.pkl", 4),
      'refers to the storage "../data.pkl", which is no number',
    ],
    ["of an id of less than nothing", storage("FloatStorage", "0", -4), "refers to storage 0 of -4 elements"],
    ["of a Size of two things", call("torch", "Size", one, one), "makes a torch.Size of something else than a tuple"],
    ["in an OrderedDict of things", call("collections", "OrderedDict", "]"), "makes an OrderedDict of something"],
  ];
  test.each(cases)("%s", async (_name, piece, message) => {
    expect(await checkpointRefusal(saved(dict([text("a"), piece])))).toBe(`its pickle ${message}`);
  });

  test("whose storage is not there", async () => {
    expect(await checkpointRefusal(saved(dict([text("a"), matrix]), []))).toBe("it has no entry data/0");
  });

  test("whose storage is shorter or longer than it says", async () => {
    const weight = dict([text("weight"), matrix]);
    expect(await checkpointRefusal(saved(weight, [floats(1, 2, 3)]))).toBe(
      'tensor "weight" needs 16 bytes in data/0, which has 12',
    );
    expect(await checkpointRefusal(saved(weight, [floats(1, 2, 3, 4, 5)]))).toBe(
      'tensor "weight" needs 16 bytes in data/0, which has 20',
    );
  });
});

describe("what is no checkpoint is refused", () => {
  const neither = "is neither a safetensors file nor an archive of torch.save";
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ["nothing", new Uint8Array(), neither],
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n____", "latin1"), neither],
    [
      "a git-lfs pointer",
      Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
      "is a git-lfs pointer, not the file it stands for; fetch that",
    ],
    [
      "an index of several files",
      Buffer.from('{\n "metadata": {}, "weight_map": {}}'),
      "is JSON, not weights; an index of several files is not read",
    ],
    ["a page of the hub", Buffer.from("<!DOCTYPE html><html>"), "is a web page, not weights"],
    ["a GGUF file", Buffer.from("GGUF\x03\0\0\0____"), "is a GGUF file; safetensors and PyTorch archives are read"],
    [
      "a pickle of today",
      Buffer.from("\x80\x04N.", "latin1"),
      "is a pickle without an archive, as PyTorch wrote before 1.6; open it there and save it again: torch.save(torch.load(FILE, map_location='cpu', weights_only=True), NEW_FILE)",
    ],
    [
      "HDF5",
      Buffer.from("\x89HDF\r\n\x1a\n____", "latin1"),
      "is an HDF5 file; safetensors and PyTorch archives are read",
    ],
  ];
  test.each(cases)("%s", async (_name, bytes, message) => {
    expect(await checkpointRefusal(bytes)).toBe(message);
  });
});
