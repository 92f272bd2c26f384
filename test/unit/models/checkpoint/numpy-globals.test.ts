import { describe, expect, test } from "vitest";
import { numpyRules } from "../../../../models/checkpoint/numpy-globals.js";
import { readPickle } from "../../../../models/checkpoint/pickle.js";
import { aPickle, call, named, type PicklePiece, text, tuple, whole } from "../../../support/pickle-bytes.js";

/**
 * `pickle.dumps([numpy.array([1, 2, 255], numpy.uint8), numpy.float32(0.5), numpy.int64(-7)], PROTOCOL).hex()` of
 * CPython 3.11.7, and what else is told in the names.
 */
const written = {
  "NumPy 1.26.4, protocol 4":
    "80049502010000000000005d94288c156e756d70792e636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b03859468048c0564747970659493948c02753194898887945294284b038c017c944e4e4e4affffffff4affffffff4b007494628943030102ff9474946268018c067363616c6172949394680d8c02663494898887945294284b038c013c944e4e4e4affffffff4affffffff4b0074946243040000003f94869452946816680d8c02693894898887945294284b03681a4e4e4e4affffffff4affffffff4b007494624308f9ffffffffffffff9486945294652e",
  "NumPy 2.4.6, protocol 4":
    "80049503010000000000005d94288c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b03859468048c0564747970659493948c02753194898887945294284b038c017c944e4e4e4affffffff4affffffff4b007494628943030102ff9474946268018c067363616c6172949394680d8c02663494898887945294284b038c013c944e4e4e4affffffff4affffffff4b0074946243040000003f94869452946816680d8c02693894898887945294284b03681a4e4e4e4affffffff4affffffff4b007494624308f9ffffffffffffff9486945294652e",
  "NumPy 1.26.4, protocol 5":
    "80059503010000000000005d94288c126e756d70792e636f72652e6e756d65726963948c0b5f66726f6d627566666572949394289603000000000000000102ff948c056e756d7079948c0564747970659493948c02753194898887945294284b038c017c944e4e4e4affffffff4affffffff4b007494624b0385948c014394749452948c156e756d70792e636f72652e6d756c74696172726179948c067363616c617294939468078c02663494898887945294284b038c013c944e4e4e4affffffff4affffffff4b0074946243040000003f9486945294681368078c02693894898887945294284b0368174e4e4e4affffffff4affffffff4b007494624308f9ffffffffffffff9486945294652e",
  "NumPy 2.4.6, protocol 5":
    "80059505010000000000005d94288c136e756d70792e5f636f72652e6e756d65726963948c0b5f66726f6d627566666572949394289603000000000000000102ff948c056e756d7079948c0564747970659493948c02753194898887945294284b038c017c944e4e4e4affffffff4affffffff4b007494624b0385948c014394749452948c166e756d70792e5f636f72652e6d756c74696172726179948c067363616c617294939468078c02663494898887945294284b038c013c944e4e4e4affffffff4affffffff4b0074946243040000003f9486945294681368078c02693894898887945294284b0368174e4e4e4affffffff4affffffff4b007494624308f9ffffffffffffff9486945294652e",
};
const refused = {
  "numpy.array(['a'], object)":
    "8004958d000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b01859468038c0564747970659493948c024f3894898887945294284b038c017c944e4e4e4affffffff4affffffff4b3f749462895d948c016194617494622e",
  "numpy.array([1], '>f4')":
    "8004958d000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b01859468038c0564747970659493948c02663494898887945294284b038c013e944e4e4e4affffffff4affffffff4b007494628943043f800000947494622e",
  "numpy.asfortranarray(numpy.zeros((2, 2), 'f4'))":
    "8004959b000000000000008c166e756d70792e5f636f72652e6d756c74696172726179948c0c5f7265636f6e7374727563749493948c056e756d7079948c076e6461727261799493944b0085944301629487945294284b014b024b02869468038c0564747970659493948c02663494898887945294284b038c013c944e4e4e4affffffff4affffffff4b0074946288431000000000000000000000000000000000947494622e",
};

function read(hex: string): unknown {
  return readPickle(new Uint8Array(Buffer.from(hex, "hex")), numpyRules);
}

function refusal(...pieces: readonly PicklePiece[]): string {
  try {
    return `it gave ${JSON.stringify(readPickle(aPickle(...pieces), numpyRules))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const u1 = call("numpy", "dtype", text("u1"));
const f4 = call("numpy", "dtype", text("f4"));
const scalar = (...parameters: readonly PicklePiece[]) => call("numpy.core.multiarray", "scalar", ...parameters);

describe("values of NumPy", () => {
  test.each(Object.entries(written))("are read as %s writes them", (_name, hex) => {
    expect(read(hex)).toEqual([{ kind: "numpy-array", shape: [3], values: [1, 2, 255] }, 0.5, -7n]);
  });

  test.each([
    ["numpy.array(['a'], object)", 'has the NumPy type "O8", which is not read'],
    ["numpy.array([1], '>f4')", 'has a NumPy type of byte order ">"'],
    ["numpy.asfortranarray(numpy.zeros((2, 2), 'f4'))", "has a NumPy array in Fortran's order, which is not read"],
  ] as const)("are refused: %s", (name, message) => {
    expect(() => read(refused[name])).toThrow(message);
  });

  test.each([
    ["a number of two", scalar(u1, "C\x02\0\0"), "makes a NumPy number of something else than its bytes"],
    ["a number of none", scalar(u1, "C\0"), "makes a NumPy number of something else than its bytes"],
    ["a number of half of one", scalar(f4, "C\x02\0\0"), "has NumPy values that end within one"],
    ["a number without type", scalar("N", "C\x01\0"), "has NumPy values without type or bytes"],
    ["a number of a text", scalar(u1, text("a")), "has NumPy values without type or bytes"],
    ["a type that is no text", call("numpy", "dtype", "N"), "has the NumPy type null, which is not read"],
    [
      "an array of another class",
      call("numpy.core.multiarray", "_reconstruct", named("numpy", "dtype"), tuple(whole(0)), "C\x01b"),
      "makes a NumPy array of something else than an empty one",
    ],
    [
      "an array that claims 2^50 values",
      call("numpy.core.numeric", "_frombuffer", "C\x01\0", u1, tuple(whole(2 ** 50)), text("C")),
      `has a NumPy array of 1 values where its shape has ${2 ** 50}`,
    ],
    [
      "an array of a shape below nothing",
      call("numpy.core.numeric", "_frombuffer", "C\x01\0", u1, tuple(whole(-1)), text("C")),
      "has a NumPy array without a shape",
    ],
    ["a loader", call("numpy", "load", text("x")), "names numpy.load, which is not allowed"],
  ])("are refused: %s", (_name, piece, message) => {
    expect(refusal(piece)).toBe(message);
  });
});
