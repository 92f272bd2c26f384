import { readFileSync } from "node:fs";

/** Our own version; package.json lies three folders above the compiled code. */
export function readVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).version;
}
