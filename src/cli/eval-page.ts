import { type GateResult, toGateLine } from "../domain/quality-gates.js";
import { escapeHtml } from "../http/docs-page-html.js";
import { type PiecesSeen, toComparisonSection, toFigures, toIndexSection } from "./eval-page-answers.js";
import { toEncoderSection } from "./eval-page-catalog.js";
import { toColorSection } from "./eval-page-colors.js";
import { percent } from "./eval-page-parts.js";
import { evalPageStyle } from "./eval-page-style.js";
import { toVoteSections } from "./eval-page-votes.js";
import type { EvalReport } from "./eval-text.js";

/** An evaluation as one HTML page with the photos that matter. Nothing is loaded from anywhere, and nothing runs in it. */
export async function toEvalPage(report: EvalReport, pieces: PiecesSeen): Promise<string> {
  const { name, facts, votes, colors, index, compared } = report;
  const sections = [
    ...(compared === null ? [] : [await toComparisonSection(name, votes, compared, pieces)]),
    ...(await toVoteSections(votes, facts)),
    ...(index === null ? [] : [await toIndexSection(facts, index, pieces.before)]),
    await toColorSection(colors),
    toEncoderSection(facts),
    toFailed(report),
  ].filter((section) => section !== "");
  const links = sections.map((section) => {
    const [, id, title] = /^<section id="([a-z]+)"><h2>(.*?)<\/h2>/.exec(section)!;
    return `<a href="#${id}">${title}</a>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation of ${escapeHtml(name)}</title><style>${evalPageStyle}</style></head>
<body><main>${toHeader(report)}<nav aria-label="Sections">${links.join("")}</nav>${sections.join("\n")}</main></body></html>
`;
}

function toHeader({ name, facts, votes, colors, index, gates }: EvalReport): string {
  const figures = [
    [percent(votes.vote_accuracy), "of the votes are right"],
    ...(votes.vote_accuracy_v4 === null
      ? []
      : [[percent(votes.vote_accuracy_v4), "by the plain vote of five"] as const]),
    [percent(votes.calibration_error), "calibration error of the confidence"],
    ...(index === null ? [] : [[percent(index.sameAnswer), "answers as by a look at every row"] as const]),
    ...(colors.same_bucket === null ? [] : [[percent(colors.same_bucket), "colors that V4's mean agrees on"] as const]),
    [`${votes.answer_categories.min} to ${votes.answer_categories.median}`, "categories in an answer: least, usual"],
  ] as const;
  const what = [
    `${votes.photos} photos`,
    `${facts.items} items`,
    `index ${facts.index}`,
    `encoder ${facts.encoder}`,
    `artifact ${facts.digest.slice(0, 12)}`,
  ];
  return `<header><p class="kicker">Evaluation</p><h1>${escapeHtml(name)}</h1><p class="muted">${escapeHtml(what.join(" · "))}</p></header>
${toGates(gates)}${toFigures(figures)}`;
}

function toGates(gates: readonly GateResult[]): string {
  if (gates.length === 0) return "";
  const rows = gates.map((gate) => {
    const words = gate.passed ? `--${gate.name} ${gate.limit}: it is ${gate.value}` : toGateLine(gate);
    return `<li><span class="pill ${gate.passed ? "good" : "bad"}">${gate.passed ? "passed" : "failed"}</span> ${escapeHtml(words)}</li>`;
  });
  return `<ul class="gates" aria-label="Gates">${rows.join("")}</ul>`;
}

function toFailed({ failed }: EvalReport): string {
  if (failed.length === 0) return "";
  const rows = failed.map(({ path, reason }) => `<li>${escapeHtml(path)}: ${escapeHtml(reason)}</li>`);
  return `<section id="failed"><h2>Photos without an answer</h2><ul>${rows.join("")}</ul></section>`;
}
