// `node scripts/draw-outfit-picture.js`: the README's picture, from a real answer on the demo's catalog (run `npm run demo` once before).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { toPipelineOptions } from "../dist/src/cli/pipeline-options.js";
import { openPipeline } from "../dist/src/open-pipeline.js";
import { projectFolder } from "./project.js";

const images = join(projectFolder, ".demo/sample/images");
const query = "one-piece/dress/sun-dress-marigold.png";
const out = join(projectFolder, "docs/outfit.png");

const card = { width: 168, picture: 200, height: 262, gap: 14 };
const perRow = 4;
const shown = 10;

async function askForOutfit() {
  const pipeline = await openPipeline(toPipelineOptions(join(projectFolder, ".demo/artifact"), 1));
  try {
    const options = {
      mode: "outfit",
      profile: "v5",
      gender: null,
      category: null,
      topK: shown,
      itemsPerCategory: null,
    };
    const source = { kind: "image", bytes: readFileSync(join(images, query)) };
    const { ranking, color } = await pipeline.recommend(
      { ...options, source, excludeIds: [], explain: false },
      new AbortController().signal,
    );
    return { suggestions: ranking.suggestions, color, category: ranking.queryCategory };
  } finally {
    await pipeline.close();
  }
}

async function drawCard(file, { width, picture, height }, lines, rgb) {
  const photo = await sharp(file).resize(width, picture, { fit: "cover" }).png().toBuffer();
  const text = lines.map((line, i) => {
    const style = i === 0 ? 'font-weight="600" fill="#222"' : 'fill="#666"';
    return `<text x="32" y="${picture + 24 + i * 19}" font-size="13" ${style}>${line}</text>`;
  });
  const swatch = `<circle cx="17" cy="${picture + 29}" r="9" fill="rgb(${rgb})" stroke="#0002"/>`;
  const caption = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif">${swatch}${text.join("")}</svg>`;
  return sharp({ create: { width, height, channels: 3, background: "#fff" } })
    .composite([
      { input: photo, left: 0, top: 0 },
      { input: Buffer.from(caption), left: 0, top: 0 },
    ])
    .png()
    .toBuffer();
}

const { suggestions, color, category } = await askForOutfit();
const scale = 2;
const big = {
  width: card.width * scale + card.gap,
  picture: card.picture * scale + card.gap + 62,
  height: card.height * scale + card.gap,
};
const cards = [
  {
    input: await drawCard(join(images, query), big, ["the photo", category], color.rgb),
    left: card.gap,
    top: card.gap,
  },
];
for (const [i, { candidate, parts, harmony }] of suggestions.entries()) {
  const lines = [candidate.category.split("_")[1], `${(parts.total / 10_000).toFixed(2)} ${harmony.harmony}`];
  const input = await drawCard(join(images, `${candidate.id}.png`), card, lines, candidate.color.rgb);
  const left = big.width + 2 * card.gap + (i % perRow) * (card.width + card.gap);
  cards.push({ input, left, top: card.gap + Math.floor(i / perRow) * (card.height + card.gap) });
}
const width = big.width + 2 * card.gap + perRow * (card.width + card.gap);
const height = big.height + 2 * card.gap;
await sharp({ create: { width, height, channels: 3, background: "#eceae6" } })
  .composite(cards)
  .png({ palette: true, quality: 92, effort: 10 })
  .toFile(out);
console.log(`${out}: ${width} x ${height}`);
