/** What one field of a JSON object may hold. `expected` completes the sentence "it must be ...". */
export type FieldRule = Readonly<{ expected: string; accepts: (value: unknown) => boolean }>;

export type JsonObject = Readonly<Record<string, unknown>>;

/** An object as JSON knows it: neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text of 1 to `max` characters, without control characters and broken surrogates. */
export function textRule(max: number): FieldRule {
  const pattern = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${max}}$`, "u");
  return {
    expected: `a text of 1 to ${max} printable characters`,
    accepts: (value) => typeof value === "string" && pattern.test(value),
  };
}

/** A whole number of [min, max]. */
export function wholeNumberRule(min: number, max: number): FieldRule {
  return {
    expected: `a whole number from ${min} to ${max}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** Exactly one of these values. */
export function oneOfRule(...values: readonly (string | number | null)[]): FieldRule {
  return {
    expected: values.map((value) => JSON.stringify(value)).join(" or "),
    accepts: (value) => values.some((each) => each === value),
  };
}

/** The rule, or null. */
export function orNull({ expected, accepts }: FieldRule): FieldRule {
  return { expected: `null or ${expected}`, accepts: (value) => value === null || accepts(value) };
}

/**
 * The known fields of an object, own ones only; what is missing, wrong or unknown is added to `problems`, one sentence
 * each, beginning with `path`. What comes back may be trusted only when nothing was added. Never throws.
 */
export function readFields(
  path: string,
  value: unknown,
  rules: Readonly<Record<string, FieldRule>>,
  problems: string[],
): JsonObject {
  if (!isJsonObject(value)) {
    problems.push(`${path === "" ? "it" : path} must be an object, not ${shown(value)}.`);
    return {};
  }
  const at = (field: string) => (path === "" ? field : `${path}.${field}`);
  for (const field of Object.keys(value)) {
    if (!Object.hasOwn(rules, field)) problems.push(`${shownName(at(field))} is not a field of this format.`);
  }
  const known: Record<string, unknown> = {};
  for (const field of Object.keys(rules)) {
    const rule = rules[field]!;
    known[field] = Object.hasOwn(value, field) ? value[field] : undefined;
    if (rule.accepts(known[field])) continue;
    const found = known[field] === undefined ? "it is missing" : `not ${shown(known[field])}`;
    problems.push(`${at(field)} must be ${rule.expected}: ${found}.`);
  }
  return known;
}

/** The value as one line of a message can hold it. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  return typeof value === "symbol" || typeof value === "function" ? `a ${typeof value}` : String(value);
}

/** A name from outside in a message: plain where it is plain, else quoted, so that it stays on its line. */
function shownName(name: string): string {
  return /^[\w./-]{1,80}$/.test(name) ? name : shown(name);
}
