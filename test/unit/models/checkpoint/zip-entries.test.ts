import { describe, expect, test } from "vitest";
import { type ArchiveFaults, type EntryToWrite, torchEntries, toZipBytes } from "../../../support/a-torch-archive.js";
import { checkpointRefusal } from "../../../support/checkpoint-refusal.js";
import { aPickle, dict, storage, tensor, text } from "../../../support/pickle-bytes.js";

const floats = (...values: readonly number[]) => new Uint8Array(Float32Array.from(values).buffer);
const matrix = tensor(storage("FloatStorage", "0", 4), { shape: [2, 2], strides: [2, 1] });
const entries = torchEntries(aPickle(dict([text("weight"), matrix])), [floats(1, 2, 3, 4)]);
const changed = (name: string, change: Partial<EntryToWrite>) =>
  entries.map((entry) => (entry.name === name ? { ...entry, ...change } : entry));

describe("an archive is refused", () => {
  const at = (name: string) => `its entry ${JSON.stringify(name)}`;
  const whole4 = entries.find(({ name }) => name === "archive/data/0")!;
  const cases: readonly (readonly [string, readonly EntryToWrite[], ArchiveFaults, string])[] = [
    [
      "with a compressed pickle",
      changed("archive/data.pkl", { method: 8 }),
      {},
      `${at("archive/data.pkl")} is compressed; torch.save stores it as it is`,
    ],
    [
      "with a compressed storage",
      changed("archive/data/0", { method: 8 }),
      {},
      `${at("archive/data/0")} is compressed; torch.save stores it as it is`,
    ],
    ["with an encrypted storage", changed("archive/data/0", { flags: 1 }), {}, `${at("archive/data/0")} is encrypted`],
    [
      "with another name before the bytes than in the directory",
      changed("archive/data/0", { headerName: "archive/data/1" }),
      {},
      `${at("archive/data/0")} has another header than its directory says`,
    ],
    [
      "with an entry that begins elsewhere",
      changed("archive/data/0", { headerStart: 3 }),
      {},
      `${at("archive/data/0")} is not where its directory says`,
    ],
    [
      "with an entry that reaches into the directory",
      changed("archive/data/0", { declaredBytes: 4000 }),
      {},
      `${at("archive/data/0")} reaches into the directory`,
    ],
    [
      "with an entry of 2^62 bytes",
      changed("archive/data/0", { declaredBytes: 2 ** 62 }),
      { zip64: true },
      `it names byte ${2n ** 62n}, which no file has`,
    ],
    [
      "with an entry of 2^52 bytes",
      changed("archive/data/0", { declaredBytes: 2 ** 52 }),
      { zip64: true },
      `${at("archive/data/0")} reaches into the directory`,
    ],
    [
      "with an entry of 4 GiB without its 64 bits",
      changed("archive/data/0", { declaredBytes: 0xffffffff }),
      {},
      `${at("archive/data/0")} lacks a zip64 size`,
    ],
    ["with the same entry twice", [...entries, whole4], {}, `it has the entry "archive/data/0" twice`],
    [
      "with a name that leads up",
      [...entries, { ...whole4, name: "archive/../x" }],
      {},
      `${at("archive/../x")} has a name that leads out of it`,
    ],
    [
      "with a name from the root",
      [...entries, { ...whole4, name: "/etc/passwd" }],
      {},
      `${at("/etc/passwd")} has a name that leads out of it`,
    ],
    [
      "with a name of Windows",
      [...entries, { ...whole4, name: "archive\\data.pkl" }],
      {},
      `${at("archive\\data.pkl")} has a name that leads out of it`,
    ],
    [
      "with a name without letters",
      [...entries, { ...whole4, name: "" }],
      {},
      `${at("")} has a name that leads out of it`,
    ],
    ["with two pickles", [...entries, { ...whole4, name: "other/data.pkl" }], {}, "it has more than one data.pkl"],
    ["without pickle", entries.slice(1), {}, "it is a zip archive without the data.pkl of torch.save"],
    ["without version", entries.slice(0, -1), {}, "it has no entry version"],
    [
      "of another version",
      changed("archive/version", { bytes: Buffer.from("11\n") }),
      {},
      'it has version "11"; 1 to 10 are read',
    ],
    [
      "of no version",
      changed("archive/version", { bytes: Buffer.from("three") }),
      {},
      'it has version "three"; 1 to 10 are read',
    ],
    [
      "of a version that is long",
      changed("archive/version", { bytes: Buffer.alloc(65, "3") }),
      {},
      "its entry version has 65 bytes; at most 64 are read",
    ],
    [
      "of another byte order",
      changed("archive/byteorder", { bytes: Buffer.from("big") }),
      {},
      'it has the byte order "big"; only "little" is read',
    ],
    [
      "with a program",
      [...entries, { name: "archive/code/__torch__.py", bytes: floats(1) }],
      {},
      "it is a TorchScript archive, a program with its weights, which is not run; save the weights alone: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW_FILE)",
    ],
    [
      "with constants",
      [...entries, { name: "archive/constants.pkl", bytes: floats(1) }],
      {},
      "it is a TorchScript archive, a program with its weights, which is not run; save the weights alone: torch.save(torch.jit.load(FILE, map_location='cpu').state_dict(), NEW_FILE)",
    ],
    ["with more entries than there are", entries, { count: 5 }, "its zip directory has fewer entries than it says"],
    ["with fewer entries than there are", entries, { count: 3 }, "its directory has 61 bytes more than its entries"],
    ["with a directory elsewhere", entries, { directoryShift: -1 }, "its zip directory is not where it says"],
    [
      "with a zip64 directory elsewhere",
      entries,
      { zip64: true, directoryShift: 1 },
      "its zip directory is not where it says",
    ],
    [
      "with a million entries",
      entries,
      { zip64: true, count: 1_000_000 },
      "it has 1000000 entries; at most 101000 are read",
    ],
    ["with a comment", entries, { comment: "PK" }, "it has no zip directory at its end; it may have been cut short"],
  ];
  test.each(cases)("%s", async (_name, changedEntries, faults, message) => {
    expect(await checkpointRefusal(toZipBytes(changedEntries, faults))).toBe(message);
  });

  test("with one storage inside another", async () => {
    const four1 = storage("FloatStorage", "1", 4);
    const inner = toZipBytes([{ name: "archive/data/1", bytes: floats(1, 2, 3, 4) }]).subarray(0, 60);
    const outer = storage("FloatStorage", "0", 15);
    const view = { shape: [4], strides: [1] };
    const pickle = aPickle(dict([text("a"), tensor(outer, view)], [text("b"), tensor(four1, view)]));
    const before = torchEntries(pickle, [inner]);
    // What lies before the data of the third entry, which begins with a header of its own.
    const headerStart = toZipBytes(before.slice(0, 2)).length - 22 - (46 + 16) - (46 + 17) + 30 + 14;
    const entry = { name: "archive/data/1", bytes: floats(1, 2, 3, 4), headerStart };
    expect(await checkpointRefusal(toZipBytes([...before, entry]))).toBe(
      'its entry "archive/data/1" overlaps the one before it',
    );
  });

  test("when a place of 64 bits is beyond every file", async () => {
    const bytes = Buffer.alloc(64);
    bytes.write("PK\x03\x04", 0, "latin1");
    bytes.writeUInt32LE(0x07064b50, 22);
    bytes.fill(0xff, 30, 38);
    bytes.writeUInt32LE(0x06054b50, 42);
    expect(await checkpointRefusal(bytes)).toBe(`it names byte ${2n ** 64n - 1n}, which no file has`);
  });

  test("when it is cut anywhere", async () => {
    const whole = toZipBytes(entries);
    for (let length = 4; length < whole.length; length += 7) {
      expect(await checkpointRefusal(whole.subarray(0, length))).not.toBe("was opened");
    }
  });
});
