import { ServiceError } from "../domain/errors.js";
import type { Query } from "../domain/query.js";
import type { BodyForm } from "./body-form.js";
import { parseJson, parseQuery, toJsonQuery } from "./parse-query.js";

/** More would not be ready before the platform's minute is over, even on a large machine; JSON Lines have no such limit. */
export const maxInstances = 1000;

/** A whole body: one query, or the entries of a list, which are yet to be looked at. */
export type ParsedBody = Readonly<{ kind: "one"; query: Query } | { kind: "instances"; instances: readonly unknown[] }>;

/** Every form but JSON Lines. @throws ServiceError `body_malformed` | `option_invalid` */
export function parseBody(form: BodyForm, body: Uint8Array, customAttributes: string | undefined): ParsedBody {
  if (form !== "json") return { kind: "one", query: parseQuery(form, body, customAttributes) };
  const value = parseJson(body);
  const instances = toInstances(value);
  return instances === null ? { kind: "one", query: toJsonQuery(value) } : { kind: "instances", instances };
}

/** The entries of `{"instances": [...]}`; null for any other value. */
function toInstances(value: unknown): readonly unknown[] | null {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "instances")) return null;
  const { instances } = value as Readonly<{ instances: unknown }>;
  const other = Object.keys(value).find((key) => key !== "instances");
  if (other !== undefined)
    throw new ServiceError("option_invalid", { option: other, reason: "belongs in an instance" });
  if (!Array.isArray(instances)) {
    throw new ServiceError("body_malformed", { field: "instances", reason: "not a list" });
  }
  if (instances.length > maxInstances) {
    const reason = `a list has at most ${maxInstances} entries`;
    throw new ServiceError("option_invalid", { option: "instances", reason });
  }
  return instances;
}
