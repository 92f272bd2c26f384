import { Ajv2020 } from "ajv/dist/2020.js";
import type { OpenApiDocument, Operation } from "../../src/http/openapi-operation.js";

/** What is wrong with a value by a schema of the document; empty when nothing is. */
export type Complaints = readonly string[];

/** Somebody else's reading of the document: which values its own schemas take. */
export type OpenApiValidator = Readonly<{
  /** By a JSON pointer to a schema, such as `/components/schemas/Request`. @throws Error where there is none */
  complaintsAt: (pointer: string, value: unknown) => Complaints;
  /** Of a body as it is sent, by the content type's entry at this pointer: JSON, or JSON Lines line by line. */
  complaintsOfBody: (pointer: string, contentType: string, body: string) => Complaints;
}>;

export function createOpenApiValidator(document: OpenApiDocument): OpenApiValidator {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  // A document is no schema, but schemas in it lead to one another: its own words are let be.
  const { paths, components } = document;
  ajv.addVocabulary(["x-line-schema", "paths", "components"]);
  ajv.addSchema({ $id: "openapi", paths, components });
  const complaintsAt = (pointer: string, value: unknown): Complaints => {
    const validate = ajv.getSchema(`openapi#${pointer}`);
    if (validate === undefined) throw new Error(`the document has no schema at ${pointer}`);
    return validate(value) ? [] : (validate.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
  };
  return {
    complaintsAt,
    complaintsOfBody: (pointer, contentType, body) => {
      const at = `${pointer}/content/${escapePointer(contentType)}/schema`;
      if (contentType === "application/json") return complaintsAt(at, JSON.parse(body));
      if (!isLines(contentType)) return complaintsAt(at, body);
      const lines = body.replace(/\n$/, "").split("\n");
      return lines.flatMap((line) => complaintsAt(`${at}/x-line-schema`, JSON.parse(line)));
    },
  };
}

function isLines(contentType: string): boolean {
  return contentType === "application/jsonlines" || contentType === "application/x-ndjson";
}

/** A name as a step of a JSON pointer inside an address. */
export function escapePointer(name: string): string {
  return encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1"));
}

/** An operation and where it stands. */
export type PlacedOperation = Readonly<{
  path: string;
  method: "get" | "post";
  operation: Operation;
  /** To the operation. */
  pointer: string;
}>;

/** Every operation of a document. */
export function operationsOf({ paths }: OpenApiDocument): readonly PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    (["get", "post"] as const).flatMap((method) => {
      const operation = item[method];
      const pointer = `/paths/${escapePointer(path)}/${method}`;
      return operation === undefined ? [] : [{ path, method, operation, pointer }];
    }),
  );
}
