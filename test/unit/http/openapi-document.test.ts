import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { sampleItems } from "../../../catalog/sample/sample-catalog.js";
import { errorCatalog } from "../../../src/domain/errors.js";
import { toBodyForm } from "../../../src/http/body-form.js";
import { readCustomAttributes } from "../../../src/http/custom-attributes.js";
import { exampleItem } from "../../../src/http/openapi-answers.js";
import { toOpenApiDocument } from "../../../src/http/openapi-document.js";
import type { Example, MediaType } from "../../../src/http/openapi-operation.js";
import { replySchema } from "../../../src/http/reply-schema.js";
import { createOpenApiValidator, escapePointer, operationsOf } from "../../support/openapi-validator.js";
import { readProjectFile } from "../../support/project-files.js";

const { version }: Readonly<{ version: string }> = JSON.parse(readProjectFile("package.json"));
const document = toOpenApiDocument(version);
const validator = createOpenApiValidator(document);
const operations = operationsOf(document);

/** Every content type of every body and answer, and where it stands. */
const media = operations.flatMap(({ operation, pointer }) => [
  ...Object.entries(operation.requestBody?.content ?? {}).map(
    ([type, entry]) => [`${pointer}/requestBody`, type, entry] as const,
  ),
  ...Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).map(([type, entry]) => [`${pointer}/responses/${status}`, type, entry] as const),
  ),
]);

const examplesOf = ({ examples = {} }: MediaType): readonly (readonly [string, Example])[] => Object.entries(examples);
const shown = media.flatMap(([pointer, type, entry]) =>
  examplesOf(entry).map(([name, example]) => [`${pointer} ${type} ${name}`, pointer, type, example] as const),
);

describe("the document", () => {
  it("is OpenAPI 3.1 to a validator that knows nothing of us", async () => {
    const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
    expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
  });

  it("is what that validator would refuse otherwise", async () => {
    const { paths: _, ...rest } = document;
    const broken = { ...rest, paths: { "/ping": { get: { responses: { "200": {} } } } } };
    expect((await new Validator().validate(JSON.parse(JSON.stringify(broken)))).valid).toBe(false);
  });

  it("lies in docs/openapi.json as `stygig openapi` prints it", () => {
    // Put right by: bin/stygig openapi > docs/openapi.json
    expect(readProjectFile("docs/openapi.json")).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  it("has a name of its own for every operation", () => {
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(media.map(([pointer, type]) => [pointer, type] as const))("has a schema at %s for %s", (pointer, type) => {
    expect(() => validator.complaintsAt(`${pointer}/content/${escapePointer(type)}/schema`, {})).not.toThrow();
  });

  it("tells every error code, with its sentence", () => {
    const answers = [
      ...operations.flatMap(({ operation }) => Object.values(operation.responses)),
      ...Object.values(document.components.responses),
    ];
    const told = answers.map(({ description }) => description).join("\n");
    for (const [code, { message }] of Object.entries(errorCatalog)) expect(told).toContain(`\`${code}\`: ${message}`);
  });

  it("asks a retryable overload to wait, and nothing else of the same status", () => {
    const responses = document.paths["/invocations"]!.post!.responses;
    const waiting = Object.entries(responses).filter(([, { headers }]) => headers?.["Retry-After"] !== undefined);
    expect(waiting.map(([status]) => status)).toEqual(["429", "503"]);
  });
});

describe("the content types", () => {
  const types = Object.keys(document.paths["/invocations"]!.post!.requestBody!.content);

  it("are those that a body may have", () => {
    const forms = types.map((type) => toBodyForm(type.replace("*", "anything")));
    expect(Object.fromEntries(types.map((type, at) => [type, forms[at]]))).toEqual({
      "application/json": "json",
      "application/jsonlines": "lines",
      "application/x-ndjson": "lines",
      "image/png": "image",
      "image/*": "image",
      "application/x-image": "image",
      "application/octet-stream": "image",
    });
  });
});

describe("the examples", () => {
  it("are there for every kind of body", () => {
    const bare = media.filter(
      ([pointer, , entry]) => pointer.endsWith("requestBody") && examplesOf(entry).length === 0,
    );
    expect(bare.map(([, type]) => type)).toEqual(["image/*"]);
  });

  it.each(shown)("%s keeps its schema", (_name, pointer, type, example) => {
    if ("externalValue" in example) {
      expect(example.externalValue).toMatch(new RegExp(`^data:${type};base64,[A-Za-z0-9+/]+=*$`));
      return;
    }
    const body = typeof example.value === "string" ? example.value : JSON.stringify(example.value);
    expect(validator.complaintsOfBody(pointer, type, body)).toEqual([]);
  });

  it("of answers have no field that a reply has not", () => {
    const replies = shown.flatMap(([, , , example]) => ("value" in example ? [example.value] : [])).filter(isReply);
    expect(replies.length).toBeGreaterThan(2);
    for (const reply of replies) expect(replySchema.safeParse(reply).error).toBeUndefined();
  });

  it("ask about an item of the sample catalog", () => {
    expect(sampleItems.map(({ id }) => id)).toContain(exampleItem);
  });

  it("of the attributes are ones that the server reads", () => {
    const [attributes] = document.paths["/invocations"]!.post!.parameters!;
    for (const example of Object.values(attributes!.examples!)) {
      const text = "value" in example ? String(example.value) : "";
      expect(new RegExp(String(attributes!.schema.pattern)).test(text)).toBe(true);
      expect(Object.keys(readCustomAttributes(text)).length).toBe(text.split(",").length);
    }
  });
});

function isReply(value: unknown): boolean {
  return typeof value === "object" && value !== null && "recommendations" in value;
}
