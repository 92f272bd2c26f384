import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { toThumbnail } from "../adapters/thumbnail.js";
import type { VoteChange, VoteEvaluation } from "../domain/vote-evaluation.js";
import { escapeHtml } from "../http/docs-page-html.js";

/** Two evaluations of the same photos side by side. */
export type Comparison = Readonly<{ name: string; evaluation: VoteEvaluation; changes: readonly VoteChange[] }>;

export type EvalPage = Readonly<{ name: string; evaluation: VoteEvaluation; compared: Comparison | null }>;

const pictureSide = 160;
/** As many as a page shows at a glance. */
const maxChanges = 48;

/**
 * An evaluation as one HTML page: accuracy, confusion, calibration, and the photos that went wrong. Nothing is loaded from
 * anywhere, and nothing runs in it.
 */
export async function toEvalPage({ name, evaluation, compared }: EvalPage): Promise<string> {
  const sections = [
    summarize(name, evaluation),
    compared === null ? "" : await showComparison(name, evaluation, compared),
    showCategories(evaluation),
    showConfusion(evaluation),
    showCalibration(evaluation),
    await showWorst(evaluation),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation of ${escapeHtml(name)}</title><style>${style}</style></head>
<body><main>${sections.join("\n")}</main></body></html>
`;
}

const percent = (share: number) => `${(share * 100).toFixed(1)}&nbsp;%`;

function summarize(name: string, evaluation: VoteEvaluation): string {
  const { photos, vote_accuracy, vote_accuracy_v4, mean_confidence, calibration_error, answer_categories } = evaluation;
  const figures = [
    [percent(vote_accuracy), "the vote is right"],
    [percent(vote_accuracy_v4), "the plain vote of five"],
    [percent(mean_confidence), "how sure it is, on average"],
    [percent(calibration_error), "calibration error"],
    [`${answer_categories.min} to ${answer_categories.median}`, "categories in an answer: least, median"],
  ];
  const cells = figures.map(([value, what]) => `<div><b>${value}</b><span>${what}</span></div>`);
  return `<h1>${escapeHtml(name)}</h1><p class="muted">${photos} photos</p><div class="figures">${cells.join("")}</div>`;
}

async function showComparison(name: string, now: VoteEvaluation, { name: other, evaluation, changes }: Comparison) {
  const rows = [
    [name, now],
    [other, evaluation],
  ] as const;
  const body = rows.map(([each, { vote_accuracy, vote_accuracy_v4, calibration_error }]) => {
    const cells = [vote_accuracy, vote_accuracy_v4, calibration_error].map((share) => `<td>${percent(share)}</td>`);
    return `<tr><th scope="row">${escapeHtml(each)}</th>${cells.join("")}</tr>`;
  });
  const count = (kind: VoteChange["kind"]) => changes.filter((each) => each.kind === kind).length;
  const cards = await Promise.all(
    changes.slice(0, maxChanges).map(async ({ path, category, before, after, kind }) => {
      const words = `${escapeHtml(before ?? "none")} → <b>${escapeHtml(after ?? "none")}</b>`;
      return toCard(path, kind, `${words}<br>is ${escapeHtml(category)}`);
    }),
  );
  return `<h2>Beside ${escapeHtml(other)}</h2>
<table><thead><tr><th></th><th>vote right</th><th>plain vote</th><th>calibration error</th></tr></thead><tbody>${body.join("")}</tbody></table>
<p>${count("gained")} gained by ${escapeHtml(other)}, ${count("lost")} lost, ${count("still wrong")} wrong in another way.</p>
<div class="cards">${cards.join("")}</div>`;
}

function showCategories({ per_category }: VoteEvaluation): string {
  const rows = Object.entries(per_category).map(([category, { photos, accuracy, accuracy_v4 }]) => {
    const bar = `<div class="bar"><i style="width:${accuracy * 100}%"></i></div>`;
    const cells = `<td>${photos}</td><td>${percent(accuracy)}</td><td class="wide">${bar}</td><td>${percent(accuracy_v4)}</td>`;
    return `<tr><th scope="row">${escapeHtml(category)}</th>${cells}</tr>`;
  });
  return `<h2>By category</h2><table><thead><tr><th></th><th>photos</th><th>right</th><th></th><th>plain vote</th></tr></thead>
<tbody>${rows.join("")}</tbody></table>`;
}

function showConfusion({ confusion }: VoteEvaluation): string {
  const taken = [...new Set(Object.values(confusion).flatMap((votes) => Object.keys(votes)))].sort();
  const head = taken.map((category) => `<th scope="col"><span>${escapeHtml(category)}</span></th>`).join("");
  const rows = Object.entries(confusion).map(([category, votes]) => {
    const total = Object.values(votes).reduce((sum, count) => sum + count, 0);
    const cells = taken.map((each) => {
      const count = votes[each] ?? 0;
      const kind = each === category ? "right" : "wrong";
      return count === 0 ? "<td></td>" : `<td class="${kind}" style="--share:${count / total}">${count}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(category)}</th>${cells.join("")}</tr>`;
  });
  return `<h2>Taken for what</h2><div class="scroll"><table class="confusion"><thead><tr><th></th>${head}</tr></thead>
<tbody>${rows.join("")}</tbody></table></div>`;
}

/** How sure against how right: on the line the vote knows itself. */
function showCalibration({ calibration }: VoteEvaluation): string {
  const most = Math.max(1, ...calibration.map(({ photos }) => photos));
  const dots = calibration.map(({ confidence, accuracy, photos }) => {
    const radius = 2 + 5 * Math.sqrt(photos / most);
    const label = `${photos} photos: ${(confidence * 100).toFixed(0)} % sure, ${(accuracy * 100).toFixed(0)} % right`;
    return `<circle cx="${confidence * 100}" cy="${100 - accuracy * 100}" r="${radius}"><title>${label}</title></circle>`;
  });
  return `<h2>How sure, how right</h2><svg class="calibration" viewBox="-8 -8 116 124" role="img" aria-label="confidence against accuracy">
<path d="M0 100H100M0 100V0" class="axis"/><path d="M0 100L100 0" class="ideal"/>${dots.join("")}
<text x="50" y="112" text-anchor="middle">how sure</text><text transform="translate(-3 50) rotate(-90)" text-anchor="middle">how right</text></svg>`;
}

async function showWorst({ worst }: VoteEvaluation): Promise<string> {
  if (worst.length === 0) return "<h2>Where it was wrong</h2><p>Nowhere.</p>";
  const cards = await Promise.all(
    worst.map(({ path, category, voted, confidence }) =>
      toCard(
        path,
        `${(confidence * 100).toFixed(0)} % sure`,
        `<b>${escapeHtml(voted ?? "none")}</b><br>is ${escapeHtml(category)}`,
      ),
    ),
  );
  return `<h2>Where it was wrong, the surest first</h2><div class="cards">${cards.join("")}</div>`;
}

async function toCard(path: string, head: string, words: string): Promise<string> {
  const picture = Buffer.from(await toThumbnail(await readFile(path), pictureSide)).toString("base64");
  const name = escapeHtml(basename(path));
  return `<figure><img src="data:image/webp;base64,${picture}" alt="${name}" loading="lazy"><figcaption><small>${head}</small><p>${words}</p><small>${name}</small></figcaption></figure>`;
}

const style = `
:root { color-scheme: light dark; --ground: #faf9f7; --panel: #fff; --line: #e4e0d9; --ink: #1d1b18; --muted: #6b665e; --good: #3d7a5a; --bad: #b4472e; }
@media (prefers-color-scheme: dark) { :root { --ground: #161513; --panel: #211f1c; --line: #35322d; --ink: #f2efe9; --muted: #a8a196; --good: #7bbf9a; --bad: #e08a72; } }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1100px; margin: 0 auto; padding: clamp(16px, 4vw, 48px); }
h1 { font-size: 30px; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 19px; margin: 44px 0 12px; }
.muted, small { color: var(--muted); } small { font-size: 12px; }
.figures { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); margin-top: 20px; }
.figures div { background: var(--panel); border: 1px solid var(--line); border-radius: 12px; padding: 14px 16px; display: grid; gap: 2px; }
.figures b { font-size: 24px; font-variant-numeric: tabular-nums; } .figures span { color: var(--muted); font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } .scroll { overflow-x: auto; }
th { text-align: left; font-weight: 500; } td { text-align: right; } th, td { padding: 6px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--muted); font-size: 12px; text-align: right; } td.wide { width: 40%; }
.bar { height: 8px; border-radius: 4px; background: var(--line); overflow: hidden; } .bar i { display: block; height: 100%; background: var(--good); }
.confusion td { text-align: center; min-width: 34px; } .confusion thead th { vertical-align: bottom; padding: 6px 4px; } .confusion thead span { writing-mode: vertical-rl; transform: rotate(180deg); }
.right { background: color-mix(in srgb, var(--good) calc(var(--share) * 60%), transparent); } .wrong { background: color-mix(in srgb, var(--bad) calc(20% + var(--share) * 60%), transparent); }
.calibration { width: min(100%, 380px); } .calibration text { font-size: 5px; fill: var(--muted); } .axis, .ideal { fill: none; stroke: var(--line); stroke-width: .6; } .ideal { stroke-dasharray: 2 2; stroke: var(--muted); } circle { fill: var(--good); fill-opacity: .75; }
.cards { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; } img { width: 100%; aspect-ratio: 1; object-fit: contain; background: #fff; display: block; }
figcaption { padding: 10px 12px; overflow-wrap: anywhere; } figcaption p { margin: 2px 0 6px; font-size: 13px; }
`;
