import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { toCode, toCurl, toQuestion } from "../../../page/question.js";
import type { Garment, Options } from "../../../page/state.js";
import { parseQuery, toJsonQuery } from "../../../src/http/parse-query.js";

const options: Options = { gender: "", category: "", perCategory: 1, profile: "v5", compare: false };
const chosen: Options = { ...options, gender: "female", category: "one-piece_dress, long; 5 %", perCategory: 3 };
const item = { item_id: "it's/ö 1", category: null, gender: "unknown", title: null, price: null, palette: [] };
const ofItem: Garment = { kind: "item", item };
const ofFile: Garment = { kind: "file", key: 1, name: "my $photo's.jpg", type: "image/jpeg", url: "blob:x" };

describe("a question is what the server reads it as", () => {
  test("about an item", () => {
    const { json } = toQuestion(ofItem, chosen, "v4");
    expect(toJsonQuery(JSON.parse(json!))).toMatchObject({
      source: { kind: "item", id: item.item_id },
      ...{ profile: "v4", gender: "female", category: chosen.category, itemsPerCategory: 3, explain: true },
    });
  });

  test("about a file, its options in the header", () => {
    const { headers, json } = toQuestion(ofFile, chosen, "v5");
    expect(json).toBeNull();
    const attributes = headers["x-amzn-sagemaker-custom-attributes"];
    expect(parseQuery("image", new Uint8Array(1), attributes)).toMatchObject({
      ...{ profile: "v5", gender: "female", category: chosen.category, itemsPerCategory: 3, explain: true },
    });
  });

  test("with nothing chosen, by the rules of the artifact", () => {
    const { json } = toQuestion(ofItem, options, "v5");
    expect(toJsonQuery(JSON.parse(json!))).toMatchObject({ gender: null, category: null, itemsPerCategory: null });
  });
});

test("a file of a type that the system does not know is sent as bytes", () => {
  const { headers } = toQuestion({ ...ofFile, type: "" }, options, "v5");
  expect(headers["content-type"]).toBe("application/octet-stream");
});

describe("the copied command", () => {
  /** What a shell makes of it: each word on a line of its own. */
  function wordsOf(command: string): readonly string[] {
    const { stdout, status } = spawnSync("sh", ["-c", command.replace(/^curl /, "printf '%s\\n' ")], {
      encoding: "utf8",
    });
    expect(status).toBe(0);
    return stdout.trimEnd().split("\n");
  }

  test.each([ofItem, ofFile])("survives the shell, whatever the names hold", (garment) => {
    const question = toQuestion(garment, chosen, "v5");
    const words = wordsOf(toCurl(garment, question, "http://localhost:8080"));
    const headers = Object.entries(question.headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
    const data = garment.kind === "file" ? ["--data-binary", `@${garment.name}`] : ["-d", question.json!];
    expect(words).toEqual(["http://localhost:8080/invocations", ...headers, ...data]);
  });
});

test.each([ofItem, ofFile])("the copied code is a module that asks the same", async (garment) => {
  const question = toQuestion(garment, chosen, "v5");
  const code = toCode(garment, question, "http://localhost:8080");
  const asked: unknown[] = [];
  // Its only import is the reading of the file.
  const body = code.replace(/^import .*\n/, "");
  const run = Object.getPrototypeOf(async () => {}).constructor as new (
    ...parameters: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new run("fetch", "readFile", "console", body)(
    async (...values: unknown[]) => {
      asked.push(...values);
      return { json: async () => ({ recommendations: [] }) };
    },
    async (name: string) => `bytes of ${name}`,
    { log: () => {} },
  );
  const sent = garment.kind === "file" ? `bytes of ${garment.name}` : question.json;
  expect(asked).toEqual([
    "http://localhost:8080/invocations",
    { method: "POST", headers: question.headers, body: sent },
  ]);
});
