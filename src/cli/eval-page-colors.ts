import type { ColorBucket, ColorEvaluation } from "../domain/color-agreement.js";
import { percent, toSection, toTable } from "./eval-page-parts.js";
import { toCards, toPhotoCard, toSwatches } from "./eval-page-pictures.js";

const bucketNames: Readonly<Record<ColorBucket, string>> = {
  both_neutral: "both neutral",
  analogous: "much the same hue",
  half_neutral: "one neutral, one not",
  triadic: "triadic",
  complementary: "opposite hues",
  clashing: "clashing hues",
};

/** V4's mean color against the dominant one, and both against what people call them. */
export async function toColorSection(colors: ColorEvaluation): Promise<string> {
  const { photos, buckets, labels, worst } = colors;
  const names = Object.keys(bucketNames) as ColorBucket[];
  const legend = names
    .filter((name) => buckets[name] > 0)
    .map((name) => {
      return `<li><i class="key ${name}"></i>${bucketNames[name]} <b>${buckets[name]}</b></li>`;
    });
  const parts = names.map((name) => `<i class="${name}" style="flex:${buckets[name]}"></i>`).join("");
  const bar =
    photos === 0
      ? ""
      : `<div class="buckets" aria-hidden="true">${parts}</div><ul class="legend">${legend.join("")}</ul>`;
  const words =
    photos === 0
      ? "This catalog is answered by the dominant color alone."
      : `V4 goes by the mean of the whole picture, this by the garment's largest color. In ${percent(colors.same_bucket)} of
${photos} photos the ranking takes the two for much the same; ${percent(colors.same_family)} have the same name.`;
  const cards = await toCards(worst, worst.length, ({ path, mean, dominant, bucket }) => {
    const pair = [
      ["mean", mean],
      ["dominant", dominant],
    ] as const;
    return toPhotoCard(path, bucketNames[bucket], toSwatches(pair));
  });
  const apart = cards === "" ? "" : `<h3>Furthest apart</h3>${cards}`;
  const labeled = labels === null ? "" : await toLabels(colors, labels);
  return toSection("colors", "Colors", words, bar + labeled + apart);
}

async function toLabels({ mislabeled }: ColorEvaluation, labels: NonNullable<ColorEvaluation["labels"]>) {
  const rows = [...Object.entries(labels.per_family), ["all", labels] as const].map(([family, each]) => [
    family,
    String(each.photos),
    percent(each.dominant_right),
    percent(each.mean_right),
  ]);
  const table = toTable("Against the labels", ["labeled", "photos", "dominant right", "mean right"], rows);
  const cards = await toCards(mislabeled, mislabeled.length, ({ path, label, mean, dominant }) => {
    const pair = [["dominant", dominant] as const, ...(mean === null ? [] : [["mean", mean] as const])];
    return toPhotoCard(path, `labeled ${label}`, toSwatches(pair), "bad");
  });
  return `<h3>Against the labels</h3>${table}${cards}`;
}
