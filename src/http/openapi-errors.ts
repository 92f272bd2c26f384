import { type ErrorCode, errorCatalog } from "../domain/errors.js";
import type { Answer, Examples, Header } from "./openapi-operation.js";
import { refTo } from "./openapi-schemas.js";

const retryAfter: Header = {
  description: "Seconds after which another try is worthwhile.",
  schema: { type: "integer", minimum: 1 },
};
/** They always tell when to come again. */
const waiting: ReadonlySet<ErrorCode> = new Set(["overloaded", "not_ready", "shutting_down"]);

/** One answer for each status that these codes have, with the examples whose codes they are. */
export function errorAnswers(
  codes: readonly ErrorCode[],
  examples: Readonly<Record<string, Examples>> = {},
): Readonly<Record<string, Answer>> {
  const statuses = [...new Set(codes.map((code) => errorCatalog[code].status))].sort((one, other) => one - other);
  return Object.fromEntries(
    statuses.map((status) => {
      const its = codes.filter((code) => errorCatalog[code].status === status);
      return [String(status), toAnswer(its, examples[status])] as const;
    }),
  );
}

function toAnswer(codes: readonly ErrorCode[], examples: Examples | undefined): Answer {
  const code = { properties: { error: { properties: { code: { enum: [...codes] } } } } };
  return {
    description: codes.map((each) => `\`${each}\`: ${errorCatalog[each].message}`).join("\n\n"),
    ...(codes.some((each) => waiting.has(each)) ? { headers: { "Retry-After": retryAfter } } : {}),
    content: {
      "application/json": {
        schema: { allOf: [refTo("Error"), code] },
        ...(examples === undefined ? {} : { examples }),
      },
    },
  };
}
