import type { Shard } from "../../catalog/see-shard.js";
import { isJsonObject, shown } from "../domain/json-fields.js";
import type { Parsed } from "../domain/parsed.js";

/**
 * Which of a SageMaker job's machines this is, from 1, of how many, by the text of its `resourceconfig.json`. `name` begins
 * a problem.
 */
export function parseMachine(text: string, name: string): Parsed<Shard> {
  const value = parse(text);
  if (!isJsonObject(value)) return { problems: [`${name} is not a JSON object`] };
  const { current_host: current = "algo-1", hosts = [current] } = value;
  // Every machine has to count them in one order.
  const names = Array.isArray(hosts) ? hosts.map(String).sort() : [];
  const index = names.indexOf(String(current)) + 1;
  if (index === 0) return { problems: [`${name}: ${shown(current)} is none of its hosts`] };
  return { value: { index, count: names.length } };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
