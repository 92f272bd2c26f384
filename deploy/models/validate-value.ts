import { inspect } from "node:util";
import type { ServiceModel, Shape } from "./service-model.js";

type Shapes = ServiceModel["shapes"];
type Limits = Readonly<{ min?: number; max?: number }>;

/** Largest 32-bit integer, which `integer` is in every service's protocol. */
const maxInteger = 2 ** 31 - 1;

/** Everything that is wrong with a value of the named shape; `path` is its place, such as `Tags[0].Key`. */
export function validateValue(shapes: Shapes, name: string, value: unknown, path: string): readonly string[] {
  const shape = shapes[name];
  if (shape === undefined) throw new RangeError(`the model lacks its shape ${name}`);
  switch (shape.type) {
    case "structure":
      return isObject(value) ? validateStructure(shapes, shape, value, path) : wrong(path, "an object", value);
    case "map":
      return isObject(value) ? validateMap(shapes, shape, value, path) : wrong(path, "an object", value);
    case "list":
      if (!Array.isArray(value)) return wrong(path, "a list", value);
      return [
        ...limit(path, shape, value.length, "entries"),
        ...value.flatMap((each, i) => validateValue(shapes, shape.member, each, `${path}[${i}]`)),
      ];
    case "string":
      return typeof value === "string" ? validateString(shape, value, path) : wrong(path, "text", value);
    case "boolean":
      return typeof value === "boolean" ? [] : wrong(path, "true or false", value);
    case "blob":
      return value instanceof Uint8Array ? limit(path, shape, value.byteLength, "bytes") : wrong(path, "bytes", value);
    case "timestamp":
      return isTime(value) ? [] : wrong(path, "a time", value);
    default:
      return validateNumber(shape, value, path);
  }
}

function validateStructure(
  shapes: Shapes,
  { members, required = [], union }: Extract<Shape, { type: "structure" }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): readonly string[] {
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  const names = new Set(given.map(([name]) => name));
  const problems = required.filter((name) => !names.has(name)).map((name) => `${below(path, name)} is missing`);
  if (union && names.size !== 1)
    problems.push(`${path || "the input"} must have exactly one member, not ${names.size}`);
  for (const [name, each] of given) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === undefined) problems.push(`${below(path, name)} is not a member`);
    else problems.push(...validateValue(shapes, member, each, below(path, name)));
  }
  return problems;
}

function validateMap(
  shapes: Shapes,
  shape: Extract<Shape, { type: "map" }>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): readonly string[] {
  const given = Object.entries(value).filter(([, each]) => each !== undefined);
  return [
    ...limit(path, shape, given.length, "entries"),
    ...given.flatMap(([key, each]) => [
      ...validateValue(shapes, shape.key, key, `${path}'s key ${show(key)}`),
      ...validateValue(shapes, shape.value, each, `${path}[${show(key)}]`),
    ]),
  ];
}

function validateString(shape: Extract<Shape, { type: "string" }>, text: string, path: string): readonly string[] {
  const problems = [...limit(path, shape, [...text].length, "characters")];
  if (shape.enum !== undefined && !shape.enum.includes(text)) {
    problems.push(`${path} must be ${listOf(shape.enum)}, not ${show(text)}`);
  }
  // The models' patterns describe the whole text, whether or not they say so.
  if (shape.pattern !== undefined && !new RegExp(`^(?:${shape.pattern})$`, "u").test(text)) {
    problems.push(`${path} must match ${shape.pattern}, not ${show(text)}`);
  }
  return problems;
}

function validateNumber(shape: Limits & Readonly<{ type: string }>, value: unknown, path: string): readonly string[] {
  const isWhole = shape.type === "integer" || shape.type === "long";
  const most = shape.type === "integer" ? maxInteger : Number.MAX_SAFE_INTEGER;
  if (typeof value !== "number" || !Number.isFinite(value)) return wrong(path, "a number", value);
  if (isWhole && !(Number.isInteger(value) && Math.abs(value) <= most)) return wrong(path, "a whole number", value);
  const { min = value, max = value } = shape;
  return value < min || value > max ? wrong(path, toRange(shape), value) : [];
}

function limit(path: string, { min = 0, max = Infinity }: Limits, count: number, unit: string): readonly string[] {
  return count < min || count > max ? [`${path} must have ${toRange({ min, max })} ${unit}, not ${count}`] : [];
}

function toRange({ min, max }: Limits): string {
  if (max === undefined || max === Infinity) return `at least ${min}`;
  return min === undefined ? `at most ${max}` : `${min} to ${max}`;
}

function wrong(path: string, expected: string, value: unknown): readonly string[] {
  return [`${path || "the input"} must be ${expected}, not ${show(value)}`];
}

/** A few words are told in full; of hundreds, such as instance types, the first ones. */
function listOf(words: readonly string[]): string {
  return words.length <= 12 ? words.join(", ") : `one of ${words.length} such as ${words.slice(0, 3).join(", ")}`;
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function show(value: unknown): string {
  return (
    typeof value === "string" ? JSON.stringify(value) : inspect(value, { depth: 1, breakLength: Infinity })
  ).slice(0, 100);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) && !(value instanceof Uint8Array) && !(value instanceof Date);
}

/** As the SDK takes it, or as it stands in a plan that was written as JSON: ISO 8601. */
function isTime(value: unknown): boolean {
  if (value instanceof Date) return Number.isFinite(value.getTime());
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) && Number.isFinite(Date.parse(value));
}
