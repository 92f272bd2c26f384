import type { Question, Reply } from "../client/client.js";

/** One question with the answer that the artifact itself gives to it. */
export type Golden = Readonly<{ name: string; question: Question; expected: Reply }>;

/** What asking the golden questions came to; `differences` is empty where every answer was as expected. */
export type Verified = Readonly<{ asked: number; differences: readonly string[] }>;

/**
 * Scores of a deployment on other processors, or in another precision, differ by this much at most; within it two pieces
 * may change places.
 */
const scoreTolerance = 0.02;

/**
 * Asks each golden question and compares the answers, as far as a shopper would notice.
 * @throws whatever `ask` throws
 */
export async function verifyAnswers(
  goldens: readonly Golden[],
  ask: (question: Question) => Promise<Reply>,
): Promise<Verified> {
  const differences: string[] = [];
  for (const { name, question, expected } of goldens) {
    const actual = await ask(question);
    differences.push(...findDifferences(expected, actual).map((each) => `${name}: ${each}`));
  }
  return { asked: goldens.length, differences };
}

/** What is different between two answers to one question, a line each. */
function findDifferences(expected: Reply, actual: Reply): readonly string[] {
  const different = (["catalog_digest", "encoder", "preprocess", "rules", "profile", "mode"] as const).flatMap(
    (name) => (expected[name] === actual[name] ? [] : [`${name} is ${actual[name]}, not ${expected[name]}`]),
  );
  // With another catalog behind it every piece differs, and the digest has said it all.
  return different.length > 0 ? different : compareRows(expected, actual);
}

function compareRows({ recommendations: expected }: Reply, { recommendations: actual }: Reply): readonly string[] {
  const rows = new Map(actual.map((row) => [row.category, row]));
  const missing = expected.filter(({ category }) => !rows.has(category));
  const known = new Set(expected.map(({ category }) => category));
  return [
    ...missing.map(({ category, item_id }) => `${category} is missing, expected ${item_id}`),
    ...actual.filter(({ category }) => !known.has(category)).map(({ category }) => `${category} was not expected`),
    ...expected.flatMap(({ category, item_id, score }) => {
      const row = rows.get(category);
      if (row === undefined || Math.abs(row.score - score) <= scoreTolerance) return [];
      return [`${category} is ${row.item_id} with ${row.score}, not ${item_id} with ${score}`];
    }),
  ];
}
