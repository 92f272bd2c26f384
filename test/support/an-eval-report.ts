import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PiecesSeen } from "../../src/cli/eval-page-answers.js";
import type { EvalReport } from "../../src/cli/eval-text.js";
import { compareAnswers } from "../../src/domain/answer-changes.js";
import { evaluateColors } from "../../src/domain/color-agreement.js";
import { measureAgreement } from "../../src/domain/index-agreement.js";
import { judgeGates } from "../../src/domain/quality-gates.js";
import type { Ranking } from "../../src/domain/ranking.js";
import { rankAsV5 } from "../../src/domain/ranking-v5.js";
import { compareVotes, evaluateVotes, type JudgedPhoto } from "../../src/domain/vote-evaluation.js";
import { aGate } from "./a-manifest.js";
import { aColor, afterFiveShirts, aRankInput, gray, red, teal } from "./ranking-builders.js";
import { tinyPicture } from "./tiny-artifact.js";

/** What a name may hold that a page must not take for its own. */
export const hostileName = `<script>alert("1")</script>&'`;

/** A report of everything that can be in one: misses, other answers, colors apart, gates, a failed precision. */
export async function anEvalReport(folder: string): Promise<Readonly<{ report: EvalReport; pieces: PiecesSeen }>> {
  const names = Array.from({ length: 8 }, (_, i) => join(folder, "shirt & co", `${i}.png`));
  await mkdir(join(folder, "shirt & co"), { recursive: true });
  for (const [i, path] of names.entries()) await writeFile(path, tinyPicture(i % 2 === 0 ? red : teal, i));
  const judged = names.map((path, i) => judge(path, i % 3 === 0 ? hostileName : "upperwear_shirt", 0.2 + i / 10));
  const after = names.map((path, i) => judge(path, i === 0 ? "upperwear_shirt" : i === 1 ? null : "b", 0.4));
  const twice = names.map((path, i) => ({
    path,
    before: answerWith("jeans"),
    after: answerWith(i < 2 ? "slim" : "jeans"),
  }));
  const votes = evaluateVotes(judged);
  const colors = evaluateColors(
    names.map((path, i) => ({ path, mean: aColor(gray), dominant: aColor(red), label: i % 2 === 0 ? "red" : "blue" })),
  );
  const pairs = twice.map(({ before, after: found }) => ({
    exhaustive: { neighbors: [{ row: 1, similarity: 1 }], ranking: before },
    found: { neighbors: [{ row: 1, similarity: 1 }], ranking: found },
  }));
  const { changes } = compareAnswers(twice);
  const values = {
    "min-vote-accuracy": votes.vote_accuracy,
    "min-category-recall": null,
    "max-calibration-error": 0.1,
  };
  const rest = { "min-index-recall": 1, "min-same-answers": 0.75, "min-color-accuracy": 0.5 };
  const reduced = { layers_in_fp32: 2, bytes: 1e6 };
  const report: EvalReport = {
    name: hostileName,
    facts: {
      ...{ items: 18, categories: ["upperwear_shirt"], digest: "0".repeat(64), index: "codes", encoder: hostileName },
      calibrated_on: 1234,
      index_agreement: { queries: 100, recallAt10: 0.999, sameCategory: 1, sameWinners: 1, sameAnswer: 0.99 },
      ...{ vectors_by: "fp32", queries_by: "int8 on cpu" },
      models: [
        { model: "fp32", bytes: 4e6, layers_in_fp32: 0, gate: null },
        { ...reduced, model: "int8", gate: aGate() },
        { ...reduced, model: "int8-7bit", gate: aGate(false) },
        { ...reduced, model: "fp16", gate: null },
      ],
    },
    votes,
    colors,
    index: { ...measureAgreement(pairs), changes },
    compared: {
      name: hostileName,
      evaluation: evaluateVotes(after),
      votes: compareVotes(judged, after),
      answers: compareAnswers(twice),
      failed: [],
    },
    gates: judgeGates(
      { "min-vote-accuracy": 1, "min-category-recall": 0.5, "min-index-recall": 1 },
      { ...values, ...rest },
    ),
    failed: [{ path: join(folder, hostileName), reason: "image_undecodable" }],
  };
  return { report, pieces: { before: async () => null, after: async () => null } };
}

function judge(path: string, voted: string | null, confidence: number): JudgedPhoto {
  return { path, category: "upperwear_shirt", voted, plain: { voted }, confidence, answerCategories: 3 };
}

function answerWith(id: string): Ranking {
  const pieces = [
    { id, category: "bottomwear_pants", similarity: 0.6 },
    { id: hostileName, category: "footwear_shoes", similarity: 0.5 },
  ];
  return rankAsV5(aRankInput(afterFiveShirts(pieces)));
}
