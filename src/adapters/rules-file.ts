import { readFile } from "node:fs/promises";
import type { Parsed } from "../domain/parsed.js";
import { namedRules, parseRankingRules, type RankingRules } from "../domain/ranking-rules.js";

/** Rules by one of their names, else from a JSON file; or every problem, one sentence each. */
export async function readRules(nameOrFile: string): Promise<Parsed<RankingRules>> {
  const named = Object.hasOwn(namedRules, nameOrFile) ? namedRules[nameOrFile] : undefined;
  if (named !== undefined) return { value: named };
  let text: string;
  try {
    text = await readFile(nameOrFile, "utf8");
  } catch {
    const names = Object.keys(namedRules).join(", ");
    return { problems: [`rules "${nameOrFile}" are neither a readable file nor one of ${names}`] };
  }
  try {
    return parseRankingRules(JSON.parse(text));
  } catch {
    return { problems: [`rules file ${nameOrFile} is not JSON`] };
  }
}
