import { ServiceError } from "../domain/errors.js";
import { optionNames } from "./query-schema.js";

export const customAttributesHeader = "x-amzn-sagemaker-custom-attributes";
/** The platform's own limit. */
export const maxAttributeCharacters = 1024;
/** The platform's longest, of asynchronous endpoints. */
export const longestTimeoutMs = 3_600_000;

/**
 * The options in `X-Amzn-SageMaker-Custom-Attributes`, as a JSON body would hold them: `key=value` pairs between commas
 * or semicolons, values percent-decoded, `exclude_ids` once per id. What is not an option is left alone, because the
 * header also carries other people's tracing. @throws ServiceError `option_invalid`
 */
export function readCustomAttributes(header: string): Readonly<Record<string, unknown>> {
  const pairs = toPairs(header).flatMap(([name, value]) =>
    optionNames.has(name) ? [[name, decode(name, value)] as const] : [],
  );
  const excluded = pairs.filter(([name]) => name === "exclude_ids").map(([, value]) => value);
  const options = Object.fromEntries(pairs.map(([name, value]) => [name, toOption(name, value)]));
  return excluded.length === 0 ? options : { ...options, exclude_ids: excluded };
}

/**
 * How long its caller gives this request, in ms, by `timeout_ms` in the same header; null where it does not say.
 * @throws ServiceError `option_invalid`
 */
export function readTimeoutMs(header: string): number | null {
  const texts = toPairs(header).flatMap(([name, value]) => (name === "timeout_ms" ? [value] : []));
  const text = texts.at(-1);
  if (text === undefined) return null;
  const timeoutMs = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (timeoutMs >= 1 && timeoutMs <= longestTimeoutMs) return timeoutMs;
  const reason = `a whole number of milliseconds from 1 to ${longestTimeoutMs}`;
  throw new ServiceError("option_invalid", { option: "timeout_ms", reason });
}

/** What is no `key=value` is somebody else's, too. @throws ServiceError `option_invalid` */
function toPairs(header: string): readonly (readonly [string, string])[] {
  // Latin letters arrive here as the platform never sends them, so the header is not what its sender meant.
  if (header.length > maxAttributeCharacters || !/^[\t\x20-\x7e]*$/.test(header)) {
    const reason = `at most ${maxAttributeCharacters} visible ASCII characters`;
    throw new ServiceError("option_invalid", { option: "X-Amzn-SageMaker-Custom-Attributes", reason });
  }
  return header.split(/[,;]/).flatMap((part) => {
    const cut = part.indexOf("=");
    return cut < 0 ? [] : [[part.slice(0, cut).trim(), part.slice(cut + 1).trim()] as const];
  });
}

function decode(option: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError("option_invalid", { option, reason: "a broken percent escape" });
  }
}

/** Text that reads as a number or a truth value becomes one where the option is one; the schema judges the rest. */
function toOption(name: string, text: string): unknown {
  if (name === "explain")
    return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
  const isNumber = name === "top_k" || name === "n_recommendations" || name === "items_per_category";
  return isNumber && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
