import { describe, expect, test } from "vitest";
import { parseItemLines } from "../../../catalog/item-lines.js";
import { inPieces } from "../../support/async-bytes.js";

const read = (text: string | Uint8Array, file = "items.csv") => parseItemLines(inPieces([Buffer.from(text)]), file);
const linesOf = async (text: string) => (await read(text)).lines;
const problemsOf = async (text: string | Uint8Array) => (await read(text)).problems;

describe("a CSV file", () => {
  test("names its fields in the header, in any order; an empty field says nothing", async () => {
    const lines = await linesOf('title,id,image_url,price\n"Coat, long",7,,19.90\n,8,https://a.example/8.jpg,\n');
    const unsaid = { category: null, gender: null, path: null, title: null, price: null, url: null, imageUrl: null };
    expect(lines).toEqual([
      { ...unsaid, line: 2, id: "7", title: "Coat, long", price: "19.90" },
      { ...unsaid, line: 3, id: "8", imageUrl: "https://a.example/8.jpg" },
    ]);
  });

  test("may come from a spreadsheet: with a mark before it, CRLF, blank and empty rows, no end of line at its end", async () => {
    const lines = await linesOf('\uFEFFid,title\r\n"1","a ""good"" one"\r\n\r\n,\r\n2,b');
    expect(lines.map(({ line, id, title }) => [line, id, title])).toEqual([
      [2, "1", 'a "good" one'],
      [5, "2", "b"],
    ]);
  });

  test("is one by its name's end, whatever its case; any other file is JSON Lines", async () => {
    expect((await read("id\n1\n", "ITEMS.CSV")).lines).toHaveLength(1);
    expect((await read("id\n1\n", "items.csv.jsonl")).problems).toHaveLength(2);
  });

  test("may be empty, or have a header alone", async () => {
    expect(await read("")).toEqual({ lines: [], problems: [], unknownFields: new Map() });
    expect((await read("id,title\n")).problems).toEqual([]);
  });

  test("keeps to the rules of JSON Lines: fields, ids that are there once, fields that no item has", async () => {
    const { lines, problems, unknownFields } = await read("id,url,colour\n1,javascript:x,red\n2,,red\n2,,blue\n,/x,\n");
    expect(lines.map(({ id }) => id)).toEqual(["2", "2"]);
    expect(problems).toEqual([
      expect.stringMatching(/^items\.csv line 2: url must be an http, /),
      'items.csv line 4: line 3 has the same id "2"',
      expect.stringMatching(/^items\.csv line 5: id must be a text of 1 to 512 printable characters, not null/),
    ]);
    expect([...unknownFields]).toEqual([["colour", 4]]);
  });

  test("may call a column what an object inherits", async () => {
    const { lines, unknownFields } = await read("id,__proto__,constructor\n1,a,b\n");
    expect(lines.map(({ id }) => id)).toEqual(["1"]);
    expect([...unknownFields.keys()]).toEqual(["__proto__", "constructor"]);
  });
});

describe("what is wrong with a CSV file", () => {
  test("is told for every line, by the line that a record begins in", async () => {
    const text = 'id,title\n1,a,b\n2\n3,"two\nlines"\n4,good\n5,a "word"\n\n6,ok\n7,lone\rreturn\n8,"x\r\ny"\n';
    const control = "title must be a text of 1 to 500 printable characters";
    expect(await problemsOf(text)).toEqual([
      "items.csv line 2: it has 3 fields, and the header has 2",
      "items.csv line 3: it has 1 fields, and the header has 2",
      expect.stringContaining(`items.csv line 4: ${control}`),
      expect.stringContaining("items.csv line 7: a quote begins or ends a field"),
      expect.stringContaining("items.csv line 10: it has a lone carriage return"),
      expect.stringContaining(`items.csv line 11: ${control}`),
    ]);
  });

  test("a quote that nobody closes is told once, by where it can have been opened", async () => {
    expect(await problemsOf('id,title\n1,a\n2,"b\n3,c\n4,d\n')).toEqual([
      expect.stringMatching(/^items\.csv line 3: a quote is not closed again/),
    ]);
    const long = `id,title\n1,a\n2,"${"b\n".repeat(600_000)}"\n3,c\n`;
    expect(await problemsOf(long)).toEqual([expect.stringMatching(/^items\.csv line 3: a quote is not closed again/)]);
    expect(await problemsOf('id,title\n1,"a"b\n2,c\n3,"d"e\n')).toEqual([
      expect.stringMatching(/^items\.csv line 2: after a field's closing quote .* what follows is not looked at$/),
    ]);
  });

  test("is its header: two columns of a name, no id, another separator", async () => {
    expect(await problemsOf("id,title,title\n1,a,b\n")).toEqual(['items.csv line 1: two columns are called "title"']);
    expect(await problemsOf("ID,title\n1,a\n")).toEqual(['items.csv line 1: no column is called "id"']);
    expect(await problemsOf("id;title\n1;a\n")).toEqual([
      'items.csv line 1: no column is called "id"; names are separated by commas',
    ]);
  });

  test.each(["items.csv", "items.jsonl"])("is a line in another encoding, in %s", async (file) => {
    const text = file === "items.csv" ? "id,title\n1,caf\xe9\n2,b\n" : '{"id":"1"}\n{"id":"caf\xe9"}\n{"id":"2"}\n';
    const { lines, problems } = await read(Buffer.from(text, "latin1"), file);
    expect(lines.map(({ id }) => id)).toContain("2");
    expect(problems).toEqual([`${file} line 2: it is not UTF-8 text`]);
    expect((await read(Buffer.from("id\n1\n", "utf16le"), file)).problems).not.toEqual([]);
  });

  test("a line without end is not held in memory", async () => {
    const piece = Buffer.alloc(2 ** 20, "a");
    const pieces = (async function* () {
      for (let i = 0; i < 40; i++) yield piece;
      yield Buffer.from('\n{"id":"1"}');
    })();
    const { lines, problems } = await parseItemLines(pieces, "items.jsonl");
    expect([lines.length, problems]).toEqual([1, ["items.jsonl line 1: it has more than 16777216 bytes"]]);
  });
});
