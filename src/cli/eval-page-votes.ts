import type { VoteEvaluation } from "../domain/vote-evaluation.js";
import { escapeHtml } from "../http/docs-page-html.js";
import { percent, toCategoryName, toSection, toTable } from "./eval-page-parts.js";
import { toCards, toPhotoCard } from "./eval-page-pictures.js";
import type { CatalogFacts } from "./evaluate-artifact.js";

/** How the vote did by category, what it took for what, how well it knows itself, and where it was wrong. */
export async function toVoteSections(votes: VoteEvaluation, facts: CatalogFacts): Promise<readonly string[]> {
  return [toCategories(votes), toConfusion(votes), toCalibration(votes, facts), await toWorst(votes)];
}

function toCategories({ per_category }: VoteEvaluation): string {
  const rows = Object.entries(per_category).map(([category, { support, recall, precision, recall_v4 }]) => [
    escapeHtml(category),
    String(support),
    toBar(recall),
    percent(recall_v4),
    toBar(precision),
  ]);
  const head = ["category", "photos", "found", "by the plain vote", "precise"];
  const words =
    "<b>Found</b> (recall): of its photos, those taken for it. <b>Precise</b>: of the photos taken for it, those that are of it.";
  return toSection("categories", "By category", words, toTable("By category", head, rows));
}

function toBar(share: number | null): string {
  const bar = share === null ? "" : `<span class="bar"><i style="width:${(share * 100).toFixed(1)}%"></i></span>`;
  return `<span class="measure">${bar}<span>${percent(share)}</span></span>`;
}

function toConfusion({ confusion }: VoteEvaluation): string {
  const taken = [...new Set([...Object.keys(confusion), ...Object.values(confusion).flatMap(Object.keys)])].sort();
  const head = taken.map((category) => `<th scope="col"><span>${escapeHtml(category)}</span></th>`).join("");
  const rows = Object.entries(confusion).map(([category, votes]) => {
    const total = Object.values(votes).reduce((sum, count) => sum + count, 0);
    const cells = taken.map((each) => {
      const count = votes[each] ?? 0;
      const kind = each === category ? "right" : "wrong";
      const title = escapeHtml(`${category} taken for ${each}: ${count} of ${total}`);
      return count === 0
        ? "<td></td>"
        : `<td class="${kind}" style="--share:${(count / total).toFixed(3)}" title="${title}">${count}</td>`;
    });
    return `<tr><th scope="row">${escapeHtml(category)}</th>${cells.join("")}</tr>`;
  });
  const table = `<div class="scroll" tabindex="0" role="region" aria-label="Confusion"><table class="confusion"><thead><tr><th scope="col">is \\ taken for</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  return toSection(
    "confusion",
    "Taken for what",
    "A row is what photos are, a column what the vote took them for.",
    table,
  );
}

/** The reliability diagram: bars as high as the vote was right, against the line where it is as right as it is sure. */
function toCalibration({ calibration, calibration_error }: VoteEvaluation, { calibrated_on }: CatalogFacts): string {
  if (calibration_error === null) return "";
  const most = Math.max(...calibration.map(({ photos }) => photos));
  const bars = calibration.map(({ from, to, photos, confidence, accuracy }) => {
    const [x, width, y] = [from * 100 + 0.6, (to - from) * 100 - 1.2, 100 - accuracy * 100];
    const label = `${photos} photos: ${(confidence * 100).toFixed(0)} % sure, ${(accuracy * 100).toFixed(0)} % right`;
    const many = (photos / most) * 16;
    return `<g><title>${label}</title><rect class="right" x="${x}" y="${y}" width="${width}" height="${accuracy * 100}"/>
<circle cx="${confidence * 100}" cy="${y}" r="1.6"/><rect class="many" x="${x}" y="${124 - many}" width="${width}" height="${many}"/></g>`;
  });
  const ticks = [0, 50, 100].map((at) => {
    return `<text x="-2" y="${101.5 - at}" text-anchor="end">${at}</text><text x="${at}" y="131" text-anchor="middle">${at}</text>`;
  });
  const chart = `<svg class="calibration" viewBox="-16 -4 124 148" role="img" aria-label="how right against how sure, in percent">
<path d="M0 100H100M0 100V0M0 124H100" class="axis"/>${bars.join("")}<path d="M0 100L100 0" class="ideal"/>${ticks.join("")}
<text x="50" y="140" text-anchor="middle">how sure, %</text><text transform="translate(-12 50) rotate(-90)" text-anchor="middle">how right, %</text></svg>`;
  const rows = calibration.map(({ from, to, photos, confidence, accuracy }) => [
    `${(from * 100).toFixed(0)} to ${(to * 100).toFixed(0)}&nbsp;%`,
    String(photos),
    percent(confidence),
    percent(accuracy),
    `${accuracy >= confidence ? "+" : "−"}${Math.abs((accuracy - confidence) * 100).toFixed(1)}`,
  ]);
  const fitted =
    calibrated_on === 0
      ? "This catalog's confidence is not fitted: it follows from the votes alone."
      : `This catalog's confidence is fitted on ${calibrated_on} votes of its own items.`;
  const words = `On the dashed line the vote is right as often as it is sure; above it the vote is too modest, below it too sure. On
average it is ${percent(calibration_error)} off. ${fitted} Under the bars, how many photos each stands for.`;
  const table = toTable("Calibration", ["sure", "photos", "on average", "right", "off"], rows);
  return toSection("calibration", "How sure, how right", words, `<div class="pair">${chart}${table}</div>`);
}

async function toWorst({ worst }: VoteEvaluation): Promise<string> {
  const title = "Where it was wrong";
  if (worst.length === 0) return toSection("worst", title, "Nowhere.", "");
  const cards = await toCards(worst, worst.length, ({ path, category, voted, confidence }) => {
    const head = confidence === null ? "wrong" : `${(confidence * 100).toFixed(0)}&nbsp;% sure`;
    return toPhotoCard(path, head, toVoteWords(category, voted), "bad");
  });
  return toSection("worst", title, "The surest first. Some are wrong labels: those are worth mending, too.", cards);
}

/** What it was taken for, and what it is. */
function toVoteWords(category: string, voted: string | null): string {
  return `<b>${toCategoryName(voted ?? "nothing")}</b><br>is ${toCategoryName(category)}`;
}
