import { type Command, Option } from "commander";
import type { KnownColor } from "../domain/candidate.js";
import { hueDistance } from "../domain/color.js";
import { harmonyOf, v4HarmonyScores, v5HarmonyScores } from "../domain/color-harmony.js";
import { toColorExplanation } from "../domain/explanation.js";
import { type Profile, profiles } from "../domain/profile.js";
import { printImageColor } from "./image-color.js";
import { exitCodes, readLines, tell, tellProblems, writeData } from "./output.js";
import { readColor } from "./rank-case.js";

type ColorOptions = Readonly<{ profile: Profile; json?: boolean; image?: string; method: "mean" | "dominant" }>;

/** Adds `stygig color`: why two colors go together, or the color of a picture. */
export function addColorCommand(program: Command): void {
  program
    .command("color")
    .summary("why two colors go together, or which color a picture has")
    .description(
      "With two colors R,G,B: their HSL, whether they are neutral, the hue distance, the rule that matched and its score.\n" +
        'Without: reads JSON Lines {"a":[r,g,b],"b":[r,g,b]} from stdin and writes one JSON object a line.\n' +
        "With --image: the color of a picture.",
    )
    .argument("[first]", "R,G,B, each 0 to 255")
    .argument("[second]", "R,G,B, each 0 to 255")
    .addOption(new Option("--profile <profile>", "whose scores").choices(profiles).default("v5"))
    .option("--image <file>", "take the color of this picture instead")
    .addOption(
      new Option("--method <method>", "how to take it: V4's mean, or the garment's dominant colors")
        .choices(["mean", "dominant"])
        .default("dominant"),
    )
    .option("--json", "print JSON")
    .action(runColor);
}

async function runColor(first: string | undefined, second: string | undefined, options: ColorOptions): Promise<void> {
  if (options.image !== undefined) return printImageColor(options.image, options.method, options.json ?? false);
  if (first === undefined) return matchLines(options.profile);
  if (second === undefined) return tellProblems(["color needs two colors, or none"], exitCodes.usage);
  const problems: string[] = [];
  const report = (problem: string) => problems.push(problem);
  const [a, b] = [parseTriple(first, "first", report), parseTriple(second, "second", report)];
  if (a === null || b === null) return tellProblems(problems, exitCodes.usage);
  const match = matchColors(a, b, options.profile);
  if (options.json) return writeData(JSON.stringify(match));
  tellMatch(match);
}

function parseTriple(text: string, name: string, report: (problem: string) => void): KnownColor | null {
  const isTriple = /^\d{1,3},\d{1,3},\d{1,3}$/.test(text);
  return readColor(isTriple ? text.split(",").map(Number) : text, `the ${name} color, "${text}",`, report);
}

function matchColors(a: KnownColor, b: KnownColor, profile: Profile) {
  const rule = harmonyOf(a.hsl, b.hsl);
  const distance = hueDistance(a.hsl, b.hsl);
  return {
    profile,
    a: toColorExplanation(a),
    b: toColorExplanation(b),
    hue_distance_turns: distance,
    hue_distance_degrees: Math.round(distance * 3600) / 10,
    rule,
    score: (profile === "v4" ? v4HarmonyScores : v5HarmonyScores)[rule],
  };
}

function tellMatch(match: ReturnType<typeof matchColors>): void {
  for (const { rgb, hue_degrees, saturation, lightness, neutral } of [match.a, match.b]) {
    const [s, l] = [saturation, lightness].map((share) => `${Math.round(share * 100)} %`);
    const hsl = `hue ${hue_degrees}\u00b0, saturation ${s}, lightness ${l}`;
    process.stdout.write(`rgb(${rgb.join(", ")})  ${hsl}${neutral ? ", neutral" : ""}\n`);
  }
  const apart = `${match.hue_distance_degrees}\u00b0 apart (${match.hue_distance_turns.toFixed(4)} turns)`;
  process.stdout.write(`${match.rule}, ${apart}: ${match.score} of 1 in ${match.profile}\n`);
}

async function matchLines(profile: Profile): Promise<void> {
  if (process.stdin.isTTY) tell('stygig: reading {"a":[r,g,b],"b":[r,g,b]} lines from the terminal');
  for await (const { number, text } of readLines(undefined)) {
    const problems: string[] = [];
    const report = (problem: string) => problems.push(problem);
    const fields = parseFields(text);
    const [a, b] = [readColor(fields.a, "a", report), readColor(fields.b, "b", report)];
    if (a === null || b === null) {
      const found = problems.length > 0 ? problems : ['each line must be {"a":[r,g,b],"b":[r,g,b]}'];
      tellProblems(
        found.map((problem) => `line ${number}: ${problem}`),
        exitCodes.failed,
      );
      await writeData(JSON.stringify({ error: { code: "body_malformed", problems: found } }));
      continue;
    }
    await writeData(JSON.stringify(matchColors(a, b, profile)));
  }
}

function parseFields(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
