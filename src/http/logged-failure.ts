import { type ErrorCode, errorCatalog, type ServiceError } from "../domain/errors.js";
import type { LogFields } from "../serving/log.js";

/** Details that are words of ours or names of options; all others may be a caller's own. */
const ownDetails: ReadonlySet<string> = new Set(["option", "field", "reason", "format", "produced", "allowed"]);
/** The name of an option that does not exist is the caller's, of whatever length. */
const maxCharacters = 100;
/** A decoder says the same of every strip of a broken file; a stack has ten lines. */
const maxCauseCharacters = 300;
const maxStackCharacters = 3000;

/** What a decoder says of a file, and a network of a host, quotes nothing of a caller's; what a parser says of a text does. */
const tellingCauses: ReadonlySet<ErrorCode> = new Set(["image_undecodable", "reference_unreachable"]);

/**
 * What a failure's log line says beside its code: numbers and words of ours. Causes only where they are about us, the
 * stack where nobody foresaw it. An item's id, a path or a piece of the body could be anything, and is left out.
 */
export function toFailureFields({ code, details, cause }: ServiceError): LogFields {
  const shown = Object.entries(details)
    .filter(([name, value]) => typeof value === "number" || ownDetails.has(name))
    .map(([name, value]) => [name, typeof value === "number" ? value : value.slice(0, maxCharacters)] as const);
  const isTelling = errorCatalog[code].status >= 500 || tellingCauses.has(code);
  return {
    ...(shown.length === 0 ? {} : { details: Object.fromEntries(shown) }),
    ...(cause === undefined || !isTelling ? {} : { cause: toText(code, cause) }),
  };
}

function toText(code: ErrorCode, cause: unknown): string {
  const stack = code === "internal" && cause instanceof Error ? cause.stack : undefined;
  if (stack !== undefined) return stack.slice(0, maxStackCharacters);
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, maxCauseCharacters);
}
