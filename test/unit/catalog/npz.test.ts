import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readNpz } from "../../../catalog/npz.js";
import { aFolder } from "../../support/a-folder.js";
import { type ArchiveFaults, type EntryToWrite, toZipBytes } from "../../support/a-torch-archive.js";

const plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
const values = Float32Array.of(1, 2, 3, 4, 5, 6);

/** An array as NumPy's format 1 or 3 has it, whatever its header says. */
function npy(header: string, content: Uint8Array = new Uint8Array(values.buffer), version = 1): Uint8Array {
  const text = Buffer.from(`${header}\n`, "latin1");
  const prefix = Buffer.alloc(version === 1 ? 10 : 12);
  prefix.write("\x93NUMPY", "latin1");
  prefix[6] = version;
  if (version === 1) prefix.writeUInt16LE(text.length, 8);
  else prefix.writeUInt32LE(text.length, 8);
  return Buffer.concat([prefix, text, content]);
}

async function aFile(bytes: Uint8Array): Promise<string> {
  const file = join(await aFolder(), "embeddings.npz");
  await writeFile(file, bytes);
  return file;
}

async function read(entries: readonly EntryToWrite[], wants = () => true, faults: ArchiveFaults = {}) {
  return readNpz(await aFile(toZipBytes(entries, faults)), wants);
}

async function refusal(entries: readonly EntryToWrite[], faults: ArchiveFaults = {}): Promise<string> {
  const found = await read(entries, () => true, faults).catch((error: Error) => error);
  if (!(found instanceof Error)) return `it gave ${[...found.keys()].join(" ")}`;
  expect(found.message).not.toContain("\n");
  return found.message.replace(/^.* cannot be read as arrays of NumPy: /, "");
}

describe("an .npz file", () => {
  test("gives the shape and the values of each array", async () => {
    const entries = [
      { name: "shirts.npy", bytes: npy(plain) },
      { name: "none.npy", bytes: npy(plain.replace("2, 3", "0, 3"), new Uint8Array(), 3) },
    ];
    const found = await read(entries);
    expect(found.get("shirts")).toEqual({ rows: 2, columns: 3, values });
    expect(found.get("none")).toEqual({ rows: 0, columns: 3, values: new Float32Array() });
  });

  test("leaves the values of what is not wanted where they are", async () => {
    const found = await read([{ name: "a.npy", bytes: npy(plain) }], () => false);
    expect(found.get("a")).toEqual({ rows: 2, columns: 3, values: null });
  });
});

describe("an .npz file is refused", () => {
  const entry = { name: "a.npy", bytes: npy(plain) };
  const at = 'its array "a.npy"';
  const header = (change: readonly [string, string]) => [{ name: "a.npy", bytes: npy(plain.replace(...change)) }];
  const zeros = deflateRawSync(npy(plain.replace("2, 3", "4194304, 8"), new Uint8Array(2 ** 20)));
  const cases: readonly (readonly [string, readonly EntryToWrite[], string])[] = [
    ["of doubles", header(["<f4", "<f8"]), `${at} has values of type <f8; only <f4 (float32) is read`],
    ["of the other byte order", header(["<f4", ">f4"]), `${at} has values of type >f4; only <f4 (float32) is read`],
    ["of objects", header(["<f4", "|O"]), `${at} has Python objects, which only a pickle can hold and are not read`],
    ["column by column", header(["False", "True"]), `${at} lies column by column (Fortran's order), which is not read`],
    ["of one side", header(["2, 3", "6,"]), `${at} has the shape (6,), not rows and columns`],
    ["of three sides", header(["2, 3", "1, 2, 3"]), `${at} has the shape (1, 2, 3), not rows and columns`],
    ["with more in its header", header(["}", "'x': 1, }"]), `${at} has a header that is not read`],
    ["with a program in its header", header(["(2, 3)", "exit()"]), `${at} has a header that is not read`],
    ["of more values than are there", header(["2, 3", "2, 4"]), `${at} has 24 bytes where its shape has 32`],
    ["of fewer values than are there", header(["2, 3", "2, 2"]), `${at} has 24 bytes where its shape has 16`],
    [
      "of 10^40 values",
      header(["2, 3", `${"9".repeat(20)}, ${"9".repeat(20)}`]),
      `${at} has 24 bytes where its shape has 4e+40`,
    ],
    [
      "that is no array",
      [{ name: "a.npy", bytes: Buffer.from("hello, world") }],
      `${at} does not begin as an array does`,
    ],
    [
      "that ends within its header",
      [{ name: "a.npy", bytes: npy(plain).subarray(0, 20) }],
      `${at} ends within its header`,
    ],
    [
      "with a header of 60,000 bytes",
      [{ name: "a.npy", bytes: npy(" ".repeat(60_000)) }],
      `${at} has a header of 60011 bytes`,
    ],
    [
      "of another format",
      [{ name: "a.npy", bytes: npy(plain, undefined, 4) }],
      `${at} does not begin as an array does`,
    ],
    ["with something else in it", [{ ...entry, name: "a.pkl" }], 'its entry "a.pkl" is no array'],
    ["with an array twice", [entry, entry], 'it has the array "a" twice'],
    ["with an encrypted array", [{ ...entry, flags: 1, method: 8 }], `${at} is encrypted`],
    [
      "that claims more than a zip can hold",
      [{ name: "a.npy", bytes: zeros, method: 8, unpackedBytes: 2 ** 31 }],
      `${at} claims ${2 ** 31} bytes, more than ${zeros.length} can hold`,
    ],
    [
      "with another checksum",
      [{ name: "a.npy", bytes: deflateRawSync(npy(plain)), method: 8, unpackedBytes: npy(plain).length }],
      `${at} is damaged: its checksum is another`,
    ],
  ];
  test.each(cases)("%s", async (_name, entries, message) => {
    expect(await refusal(entries)).toBe(message);
  });

  test("that unpacks to more than it says, as soon as it does", async () => {
    const bomb = deflateRawSync(npy(plain, new Uint8Array(2 ** 24)));
    const entries = [{ name: "a.npy", bytes: bomb, method: 8, unpackedBytes: npy(plain).length }];
    expect(await refusal(entries)).toMatch(/too many bytes in the stream/);
  });

  test("whose names lead out of it", async () => {
    expect(await refusal([{ ...entry, name: "../a.npy" }])).toMatch(/invalid relative path/);
  });

  test("that was cut short, wherever", async () => {
    const bytes = toZipBytes([entry]);
    for (let length = 0; length < bytes.length; length += 8) {
      const cut = readNpz(await aFile(bytes.subarray(0, length)), () => true);
      await expect(cut).rejects.toThrow(/cannot be read as arrays of NumPy: [^\n]+$/);
    }
  });
});
