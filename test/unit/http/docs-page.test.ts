import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { errorCatalog } from "../../../src/domain/errors.js";
import { docsHeaders, toDocsPage } from "../../../src/http/docs-page.js";
import { escapeHtml, toInline } from "../../../src/http/docs-page-html.js";
import { toFieldTable, toKind } from "../../../src/http/docs-page-schema.js";
import { toOpenApiDocument } from "../../../src/http/openapi-document.js";
import { operationsOf } from "../../support/openapi-validator.js";

const document = toOpenApiDocument("1.2.3");
const page = toDocsPage(document);

const attributesNamed = (name: string) =>
  [...page.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, text]) => text!);

describe("the page", () => {
  it.each(operationsOf(document).map(({ path, operation }) => [path, operation] as const))(
    "tells all about %s",
    (path, operation) => {
      const start = page.indexOf(`<section id="${operation.operationId}"`);
      const section = page.slice(start, page.indexOf("</section>", start));
      expect(section).toContain(`<code>${path}</code>`);
      for (const text of [operation.summary, ...operation.description.split("\n\n")]) {
        expect(section).toContain(toInline(text));
      }
      for (const { name } of operation.parameters ?? []) expect(section).toContain(`<code>${name}</code>`);
      for (const type of Object.keys(operation.requestBody?.content ?? {})) expect(section).toContain(type);
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect(section).toContain(`>${status}</span>`);
        for (const text of description.split("\n\n")) expect(section).toContain(toInline(text));
      }
      const examples = Object.values(operation.requestBody?.content ?? {}).flatMap((each) =>
        Object.values(each.examples ?? {}),
      );
      for (const { summary } of examples) expect(section).toContain(toInline(summary));
      expect(section).toContain("curl ");
    },
  );

  it("has every error code with its sentence", () => {
    for (const [code, { message }] of Object.entries(errorCatalog)) {
      expect(page).toContain(`<code>${code}</code>: ${escapeHtml(message)}`);
    }
  });

  it("names its version, and every shape with every field", () => {
    expect(page).toContain("Version 1.2.3");
    for (const [name, { properties = {} }] of Object.entries(document.components.schemas)) {
      const start = page.indexOf(`<section id="schema-${name}"`);
      const section = page.slice(start, page.indexOf("</section>", start));
      for (const field of Object.keys(properties)) expect(section).toContain(`<code>${field}</code>`);
    }
  });

  it("leads to places on itself that exist, and to the document", () => {
    const ids = attributesNamed("id");
    expect(new Set(ids).size).toBe(ids.length);
    const links = attributesNamed("href");
    expect(links.length).toBeGreaterThan(50);
    const elsewhere = links.filter((link) => !ids.includes(link.replace(/^#/, "")) && !link.startsWith("data:"));
    expect(new Set(elsewhere)).toEqual(new Set(["openapi.json"]));
  });

  it("needs nothing but itself, and its policy lets it have nothing else", () => {
    expect(page).not.toMatch(/<(script|img|iframe|form|object|embed|base)\b/i);
    expect(page.match(/<link\b[^>]*/gi)).toEqual([
      expect.stringMatching(/^<link rel="icon" href="data:image\/svg\+xml,[^"]*"$/),
    ]);
    expect(page).not.toMatch(/\s(style|src|srcset|on[a-z]+)\s*=/i);
    expect(page).not.toMatch(/@import|url\(/i);
    const [, style] = /<style>(.*)<\/style>/s.exec(page)!;
    const digest = createHash("sha256").update(style!).digest("base64");
    expect(docsHeaders["content-security-policy"]).toBe(
      `default-src 'none'; img-src data:; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });

  it("shows what is written in a document as it is written", () => {
    const hostile = "</style><script>alert('1')</script> & \"quotes\"";
    const info = { ...document.info, title: hostile, version: hostile, summary: hostile, description: hostile };
    const path = { "/<b>": { get: { ...document.paths["/ping"]!.get!, summary: hostile, description: hostile } } };
    const shown = toDocsPage({ ...document, info, paths: path, tags: [{ name: "platform", description: hostile }] });
    expect(shown).not.toContain("<script>");
    expect(shown).not.toContain("<b>");
    expect(shown.split(escapeHtml(hostile)).length).toBeGreaterThan(6);
  });
});

describe("the kind of a schema", () => {
  it.each([
    [{ type: "string" }, "text"],
    [{ type: "string", minLength: 1, maxLength: 9 }, "text of 1 to 9 characters"],
    [{ type: "integer", minimum: 1, maximum: Number.MAX_SAFE_INTEGER }, "whole number from 1"],
    [{ type: "integer", minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, "whole number"],
    [{ type: "number", minimum: 0, exclusiveMaximum: 1 }, "number from 0 to below 1"],
    [{ type: ["boolean", "null"] }, "true or false or null"],
    [{ enum: ["a", "<"] }, "<code>a</code>, <code>&lt;</code>"],
    [{ const: "x" }, "<code>x</code>"],
    [{ type: "array", items: { type: "number" }, maxItems: 3 }, "list of at most 3, each number"],
    [{ type: "array", prefixItems: [{ type: "number" }, { type: "number" }], items: false }, "list of 2, each number"],
    [{ type: "array", prefixItems: [{ type: "number" }, { const: 1 }] }, "[number, <code>1</code>]"],
    [{ type: "object", additionalProperties: { type: "string" } }, "object, each value text"],
    [{ anyOf: [{ $ref: "#/components/schemas/Rgb" }, { type: "null" }] }, '<a href="#schema-Rgb">Rgb</a> or null'],
    [{}, "anything"],
  ] as const)("%j is told as %s", (schema, kind) => {
    expect(toKind(schema as unknown as Parameters<typeof toKind>[0])).toBe(kind);
  });

  it("of an object is a table of its fields and those inside them", () => {
    const table = toFieldTable(
      {
        type: "object",
        properties: {
          voters: {
            type: "array",
            items: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
          },
          title: { type: "string", description: "Of the `shop`." },
        },
        required: ["voters"],
      },
      false,
    );
    expect(
      [...table.matchAll(/<th scope="row"><code>([^<]*)<\/code>( <span[^>]*>not always)?/g)].map((each) => [
        each[1],
        each[2] !== undefined,
      ]),
    ).toEqual([
      ["voters", false],
      ["voters[].id", false],
      ["title", true],
    ]);
    expect(table).toContain("<td>Of the <code>shop</code>.</td>");
  });
});
