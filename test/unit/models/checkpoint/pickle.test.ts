import { describe, expect, test } from "vitest";
import { type PickleRules, readPickle } from "../../../../models/checkpoint/pickle.js";
import {
  aPickle,
  call,
  dict,
  little,
  named,
  type PicklePiece,
  rawPickle,
  text,
  tuple,
  whole,
} from "../../../support/pickle-bytes.js";

const nothingAllowed: PickleRules = { globals: new Map() };

function read(...pieces: readonly PicklePiece[]): unknown {
  return readPickle(aPickle(...pieces), nothingAllowed);
}

function refusal(bytes: Uint8Array<ArrayBuffer>, rules = nothingAllowed): string {
  try {
    return `it gave ${String(readPickle(bytes, rules))}`;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("a pickle", () => {
  const values: readonly (readonly [string, PicklePiece, unknown])[] = [
    ["None", "N", null],
    ["True", "\x88", true],
    ["False", "\x89", false],
    ["BININT1", "K\xff", 255],
    ["BININT2", "M\x01\xff", 0xff01],
    ["BININT below zero", "J\xfe\xff\xff\xff", -2],
    ["BINFLOAT", "G\x3f\xf8\0\0\0\0\0\0", 1.5],
    ["LONG1 of no bytes", "\x8a\0", 0],
    ["LONG1 below zero", "\x8a\x01\xff", -1],
    ["LONG1 with its sign in a byte of its own", "\x8a\x02\xff\0", 255],
    ["LONG1 beyond exact numbers", "\x8a\x09\0\0\0\0\0\0\0\0\x01", 2n ** 64n],
    ["SHORT_BINUNICODE", "\x8c\x02\xc3\xa9", "é"],
    ["BINUNICODE that looks like a byte order mark", ["X\x03\0\0\0\xef\xbb\xbf"], "\uFEFF"],
    ["BINUNICODE8", ["\x8d", little(1, 8), "a"], "a"],
    ["SHORT_BINBYTES", "C\x02\0\xff", Uint8Array.of(0, 255)],
    ["BINBYTES", ["B", little(1, 4), "\x07"], Uint8Array.of(7)],
    ["BINBYTES8", ["\x8e", little(1, 8), "\x07"], Uint8Array.of(7)],
    ["BYTEARRAY8", ["\x96", little(1, 8), "\x07"], Uint8Array.of(7)],
    ["an empty tuple", ")", { tuple: [] }],
    ["TUPLE", "(K\x01K\x02K\x03K\x04t", { tuple: [1, 2, 3, 4] }],
    [
      "TUPLE1 of TUPLE2 of TUPLE3",
      "K\x01K\x02K\x03K\x04\x87\x86\x85",
      { tuple: [{ tuple: [1, { tuple: [2, 3, 4] }] }] },
    ],
    ["a list by APPEND and APPENDS", "]K\x01a(K\x02K\x03e", [1, 2, 3]],
    [
      "a dict by SETITEM and SETITEMS",
      "}K\x01K\x02s(K\x03K\x04u",
      new Map([
        [1, 2],
        [3, 4],
      ]),
    ],
    ["a set", "\x8f(K\x01K\x01\x90", new Set([1])],
    ["a frozen set", "(K\x01\x91", new Set([1])],
    ["BINPUT and BINGET", "]K\x05q\x09ah\x09a", [5, 5]],
    ["LONG_BINPUT and LONG_BINGET", "]K\x05r\xff\xff\xff\xffaj\xff\xff\xff\xffa", [5, 5]],
    ["MEMOIZE counts from 0", "]\x94K\x05\x94ah\x01a", [5, 5]],
    ["FRAME", ["\x95", little(2, 8), "N"], null],
  ];
  test.each(values)("gives %s", (_name, piece, value) => {
    expect(read(piece)).toEqual(value);
  });

  test("that contains itself is read", () => {
    const list = read("]q\0h\0a") as unknown[];
    expect(list[0]).toBe(list);
  });

  test("calls what the list allows, by our function and with its parameters", () => {
    const rules = {
      globals: new Map([["fractions.Fraction", { call: (parameters: readonly unknown[]) => ({ parameters }) }]]),
    };
    const byName = aPickle(call("fractions", "Fraction", whole(1), whole(3)));
    const byStack = aPickle(text("fractions"), text("Fraction"), "\x93", tuple(whole(1), whole(3)), "R");
    expect(readPickle(byName, rules)).toEqual({ parameters: [1, 3] });
    expect(readPickle(byStack, rules)).toEqual({ parameters: [1, 3] });
  });

  test("gets what is outside of it from the rules", () => {
    expect(readPickle(aPickle(text("seven"), "Q"), { ...nothingAllowed, persistent: (id) => ({ id }) })).toEqual({
      id: "seven",
    });
  });
});

describe("a pickle is refused", () => {
  const calls: readonly (readonly [string, PicklePiece, string])[] = [
    ["os.system on Linux", call("posix", "system", text("true")), "posix.system"],
    ["os.system on Windows", call("nt", "system", text("true")), "nt.system"],
    ["os.system as it is", call("os", "system", text("true")), "os.system"],
    ["eval", call("builtins", "eval", text("1")), "builtins.eval"],
    ["exec of Python 2", call("__builtin__", "execfile", text("x")), "__builtin__.execfile"],
    ["subprocess", call("subprocess", "Popen", text("true")), "subprocess.Popen"],
    ["getattr, the way around a list", call("builtins", "getattr", text("a"), text("b")), "builtins.getattr"],
    [
      "a way through an allowed module",
      call("torch.serialization", "os.system", text("true")),
      "torch.serialization.os.system",
    ],
    ["a name that is never called", named("posix", "system"), "posix.system"],
    ["a name from the stack", [text("posix"), text("system"), "\x93"], "posix.system"],
    ["a name of the engine", named("constructor", "prototype"), "constructor.prototype"],
    ["a name with a line of its own", [text("posix"), text("a\nb"), "\x93"], '"posix.a\\nb"'],
  ];
  test.each(calls)("when it names %s", (_name, piece, name) => {
    expect(refusal(aPickle(piece))).toBe(`names ${name}, which is not allowed`);
  });

  const opcodes: readonly (readonly [string, PicklePiece])[] = [
    ["INST", "(iposix\nsystem\n"],
    ["OBJ", "(o"],
    ["NEWOBJ", ")\x81"],
    ["NEWOBJ_EX", ")}\x92"],
    ["EXT1", "\x82\x01"],
    ["EXT2", "\x83\x01\0"],
    ["EXT4", "\x84\x01\0\0\0"],
    ["PERSID", "Psomewhere\n"],
    ["INT", "I1\n"],
    ["LONG4", "\x8b\xff\xff\xff\x7f"],
    ["STRING", "S'a'\n"],
    ["DUP", "N2"],
    ["POP", "NN0"],
    ["GET", "g0\n"],
    ["NEXT_BUFFER", "\x97"],
    ["PROTO a second time", "\x80\x02N"],
    ["the unknown opcode 0xff", "\xff"],
  ];
  test.each(opcodes)("when it uses %s", (name, piece) => {
    expect(refusal(aPickle(piece))).toBe(`uses ${name}, which is not read`);
  });

  const mentioned: PickleRules = {
    globals: new Map([
      ["torch.FloatStorage", {}],
      ["collections.OrderedDict", { call: () => new Map() }],
    ]),
  };
  const wrong: readonly (readonly [string, Uint8Array<ArrayBuffer>, string])[] = [
    ["without a byte", new Uint8Array(), "is empty"],
    ["without protocol", rawPickle("N."), "does not begin with its protocol"],
    ["of protocol 1", rawPickle("\x80\x01N."), "has protocol 1; 2 to 5 are read"],
    ["of protocol 6", rawPickle("\x80\x06N."), "has protocol 6; 2 to 5 are read"],
    ["that does not end", rawPickle("\x80\x02N"), "asks for 1 bytes where 0 are left"],
    ["that goes on after its end", rawPickle("\x80\x02N.N."), "ends 2 bytes before its file does"],
    ["that ends with two values", aPickle("NN"), "does not end with one value"],
    ["that ends with none", aPickle(""), "does not end with one value"],
    ["that ends within a group", aPickle("N("), "does not end with one value"],
    ["with a text of 4 GiB", aPickle("X\xff\xff\xff\xffa"), "asks for 4294967295 bytes where 2 are left"],
    [
      "with a text of 2^64 bytes",
      aPickle("\x8d\xff\xff\xff\xff\xff\xff\xff\xffa"),
      `asks for ${2n ** 64n - 1n} bytes where 2 are left`,
    ],
    ["with bytes of 2^63", aPickle("\x8e\0\0\0\0\0\0\0\x80a"), `asks for ${2n ** 63n} bytes where 2 are left`],
    ["with a frame beyond it", aPickle("\x95\xff\0\0\0\0\0\0\0N"), "has a frame of 255 bytes, more than are left"],
    [
      "with more dicts than anybody needs",
      aPickle("}".repeat(2 ** 21 + 1)),
      "makes more than 2097152 lists, dicts and the like",
    ],
    ["that keeps the same thing for ever", aPickle("N", "\x94".repeat(2 ** 22 + 1)), "keeps more than 4194304 things"],
    ["with a text that is not UTF-8", aPickle("\x8c\x01\xff"), "has a text that is not UTF-8"],
    ["with a name that does not end", rawPickle("\x80\x02cposix"), "ends within a line"],
    ["with a name that is a number", aPickle(whole(1), text("a"), "\x93"), "names something by what is no text"],
    ["that recalls what it never kept", aPickle("h\x05"), "recalls number 5, which it never kept"],
    ["that keeps nothing", aPickle("q\x05"), "takes more from its stack than it put there"],
    ["that takes from an empty stack", aPickle("\x85"), "takes more from its stack than it put there"],
    ["that takes from behind its mark", aPickle("N(\x85"), "takes more from its stack than it put there"],
    ["that appends behind its mark", aPickle("](Na"), "takes more from its stack than it put there"],
    ["that ends a group it did not begin", aPickle("t"), "ends a group that it did not begin"],
    ["that appends to a tuple", aPickle(")Na"), "appends to something that is no list"],
    ["that appends to a dict", aPickle("}Na"), "appends to something that is no list"],
    ["that adds to a list", aPickle("](N\x90"), "adds to something that is no set"],
    ["that sets items of a list", aPickle("]NNs"), "sets items of something that is no dict"],
    ["that sets a key without value", aPickle("}(Nu"), "sets a key of a dict without its value"],
    ["that sets a key twice", aPickle(dict([text("a"), "N"], [text("a"), "N"])), 'sets "a" of a dict twice'],
    ["that sets attributes", aPickle("}}b"), "sets attributes of something that may have none"],
    [
      "that sets attributes of a call's result",
      aPickle(call("collections", "OrderedDict"), "}b"),
      "sets attributes of something that may have none",
    ],
    ["that calls a text", aPickle(text("system"), ")R"), "calls something that is no name"],
    [
      "that calls what may only be mentioned",
      aPickle(call("torch", "FloatStorage")),
      "calls torch.FloatStorage, which is not allowed",
    ],
    [
      "that calls with a list",
      aPickle(named("collections", "OrderedDict"), "]R"),
      "calls collections.OrderedDict with something that is no tuple",
    ],
    ["that refers to something outside of it", aPickle("NQ"), "refers to something outside of it"],
  ];
  test.each(wrong)("%s", (_name, bytes, message) => {
    expect(refusal(bytes, mentioned)).toBe(message);
  });

  test("longer than is read", () => {
    expect(refusal(new Uint8Array(2 ** 25 + 1))).toBe("has 33554433 bytes; at most 33554432 are read");
  });
});

describe("a bomb", () => {
  test("of lists that hold the one before it ten times costs what its bytes cost", () => {
    // 10^200 entries for who counts them all.
    const layers = Array.from({ length: 200 }, (_, index) => {
      const code = (number: number) => String.fromCharCode(number);
      return ["](", `h${code(index)}`.repeat(10), "eq", code(index + 1), "a"];
    });
    const all = read("]]q\0a", layers) as readonly (readonly unknown[])[];
    expect(all.length).toBe(201);
    expect(all[200]!.every((each) => each === all[199])).toBe(true);
  });

  test("of tuples a million deep does not end the process", () => {
    let value = read("N", "\x85".repeat(1_000_000)) as { tuple: readonly unknown[] } | null;
    let depth = 0;
    for (; value !== null; depth++) value = value.tuple[0] as typeof value;
    expect(depth).toBe(1_000_000);
  });

  test("of a million marks is refused", () => {
    expect(refusal(aPickle("(".repeat(1_000_000)))).toBe("does not end with one value");
  });
});
