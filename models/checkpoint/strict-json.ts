/** A string, a number, a bracket, a comma or a colon of text that is JSON. */
const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:,]/g;
const plainNumber = /^(?:0|[1-9]\d*)$/;

/**
 * Parses JSON whose numbers must all be plain whole ones and whose objects must not name a field twice: `JSON.parse`
 * would take the last of them, another reader the first.
 * @throws Error whose message completes "its header ...".
 */
export function parseStrictJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error("is not JSON", { cause: error });
  }
  const open: Set<string>[] = [];
  let previous = "";
  for (const [found] of text.matchAll(token)) {
    if (found === "{" || found === "[") open.push(new Set());
    if (found === "}" || found === "]") open.pop();
    if (found === ":") requireNew(open.at(-1)!, previous);
    if (/^[-\d]/.test(found) && !plainNumber.test(found)) {
      throw new Error(`has the number ${found.slice(0, 40)} where only whole ones belong`);
    }
    previous = found;
  }
  return value;
}

function requireNew(seen: Set<string>, key: string): void {
  // Escapes make two spellings of one name.
  const name: string = JSON.parse(key);
  if (seen.has(name)) throw new Error(`names ${JSON.stringify(name.slice(0, 80))} twice`);
  seen.add(name);
}
