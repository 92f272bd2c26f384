import { escapeHtml, toInline } from "./docs-page-html.js";
import type { JsonSchema } from "./openapi-operation.js";

/** One row of a table of fields. */
type Field = Readonly<{ name: string; schema: JsonSchema; isOptional: boolean }>;

/** What a schema takes, in a few words; what has a name of its own is a link to it. */
export function toKind(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return toLink(schema.$ref);
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return unique(either.map(toKind)).join(" or ");
  if (schema.enum !== undefined) return schema.enum.map(toValue).join(", ");
  if (schema.const !== undefined) return toValue(schema.const);
  if (Array.isArray(schema.type)) return unique(schema.type.map((type) => toKind({ ...schema, type }))).join(" or ");
  switch (schema.type) {
    case "array":
      return toListKind(schema);
    case "integer":
      return `whole number${toRange(schema)}`;
    case "number":
      return `number${toRange(schema)}`;
    case "string":
      return `text${toLengths(schema)}`;
    case "object":
      return typeof schema.additionalProperties === "object"
        ? `object, each value ${toKind(schema.additionalProperties)}`
        : "object";
    case undefined:
      return "anything";
    default:
      return schema.type === "boolean" ? "true or false" : schema.type;
  }
}

/** Every field with its kind and meaning, those of nameless objects inside it, too. */
export function toFieldTable(schema: JsonSchema, askedFor: boolean): string {
  const rows = fieldsOf(schema, "").map(({ name, schema: its, isOptional }) => {
    // Of what is asked for nearly everything may be left out; of an answer that is worth a word.
    const mark = isOptional && !askedFor ? ' <span class="mark">not always</span>' : "";
    const meaning = its.description === undefined ? "" : toInline(its.description);
    return `<tr><th scope="row"><code>${escapeHtml(name)}</code>${mark}</th><td>${toKind(its)}</td><td>${meaning}</td></tr>`;
  });
  if (rows.length === 0) return `<p class="kind">${toKind(schema)}</p>`;
  const head = '<tr><th scope="col">Field</th><th scope="col">Kind</th><th scope="col">Meaning</th></tr>';
  const rules = (schema.allOf ?? []).flatMap(({ description }) => description ?? []).map(toInline);
  const said = rules.length === 0 ? "" : `<ul>${rules.map((rule) => `<li>${rule}</li>`).join("")}</ul>`;
  return `${said}<div class="wide" tabindex="0"><table><thead>${head}</thead><tbody>${rows.join("\n")}</tbody></table></div>`;
}

function fieldsOf(schema: JsonSchema, prefix: string): readonly Field[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([key, value]) => {
    const its = typeof value === "boolean" ? {} : value;
    const name = `${prefix}${key}`;
    return [{ name, schema: its, isOptional: !required.includes(key) }, ...fieldsInside(its, name)];
  });
}

function fieldsInside(schema: JsonSchema, name: string): readonly Field[] {
  if (schema.properties !== undefined) return fieldsOf(schema, `${name}.`);
  if (typeof schema.items === "object" && !Array.isArray(schema.items)) return fieldsInside(schema.items, `${name}[]`);
  if (typeof schema.additionalProperties === "object") return fieldsInside(schema.additionalProperties, `${name}.*`);
  return (schema.anyOf ?? []).flatMap((each) => fieldsInside(each, name));
}

function toLink(reference: string): string {
  const name = escapeHtml(reference.split("/").at(-1) ?? "");
  return `<a href="#schema-${name}">${name}</a>`;
}

function toListKind({ prefixItems, items, maxItems }: JsonSchema): string {
  if (prefixItems !== undefined) {
    const kinds = prefixItems.map((each) => (typeof each === "boolean" ? "anything" : toKind(each)));
    return kinds.length > 1 && unique(kinds).length === 1
      ? `list of ${kinds.length}, each ${kinds[0]}`
      : `[${kinds.join(", ")}]`;
  }
  const most = maxItems === undefined ? "" : ` of at most ${maxItems}`;
  const each = typeof items === "object" && !Array.isArray(items) ? toKind(items) : "anything";
  return `list${most}, each ${each}`;
}

function toRange({ minimum, maximum, exclusiveMaximum }: JsonSchema): string {
  // JSON's own limit of a whole number says nothing.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (least !== undefined && typeof exclusiveMaximum === "number") return ` from ${least} to below ${exclusiveMaximum}`;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` from ${least}`;
  return most === undefined ? "" : ` up to ${most}`;
}

function toLengths({ minLength, maxLength }: JsonSchema): string {
  if (maxLength === undefined) return "";
  return minLength === undefined
    ? ` of at most ${maxLength} characters`
    : ` of ${minLength} to ${maxLength} characters`;
}

function toValue(value: unknown): string {
  return `<code>${escapeHtml(String(value))}</code>`;
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
