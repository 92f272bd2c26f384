import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { splitLines } from "../../../src/domain/split-lines.js";
import { collect, inPieces } from "../../support/async-bytes.js";

const split = async (pieces: readonly string[], limit = 100) =>
  (await collect(splitLines(inPieces(pieces.map((piece) => Buffer.from(piece))), limit))).map((line) =>
    line === null ? null : Buffer.from(line).toString(),
  );

describe("the lines of a body", () => {
  it.each<readonly [string, readonly string[]]>([
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\nb", ["a", "b"]],
    ["a\nb\n", ["a", "b"]],
    ["a\n\nb\n", ["a", "", "b"]],
    ["\na", ["", "a"]],
    ["a\n\n", ["a", ""]],
    ["\n", [""]],
    ["a\r\nb\r\n", ["a\r", "b\r"]],
    ["a\rb", ["a\rb"]],
    [" ", [" "]],
  ])("of %j are %j", async (body, lines) => {
    expect(await split([body])).toEqual(lines);
  });

  it("may begin and end anywhere in a piece", async () => {
    expect(await split(["on", "e\ntw", "", "o", "\n", "\n", "three"])).toEqual(["one", "two", "", "three"]);
  });

  it("give up their place alone when they are too long, however they come", async () => {
    expect(await split(["123\n1234\n12345\n1"], 4)).toEqual(["123", "1234", null, "1"]);
    expect(await split(["a\n123", "45", "678\nb\n12", "345"], 4)).toEqual(["a", null, "b", null]);
  });
});

it("holds no more of a line than its limit", async () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  const pieces: WeakRef<Uint8Array>[] = [];
  let held = 0;
  async function* longLine(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 64; i++) {
      const piece = new Uint8Array(1024).fill(0x61);
      pieces.push(new WeakRef(piece));
      yield piece;
    }
    await nextTurn();
    collectGarbage();
    held = pieces.filter((piece) => piece.deref() !== undefined).length;
    yield Buffer.from("\nb");
  }
  expect(await collect(splitLines(longLine(), 4 * 1024))).toEqual([null, Buffer.from("b")]);
  // The one or two that the machinery still has at hand.
  expect(held).toBeLessThan(6);
});
