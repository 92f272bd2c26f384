import { escapeHtml } from "../http/docs-page-html.js";
import { percent, toSection, toTable } from "./eval-page-parts.js";
import type { CatalogFacts } from "./evaluate-artifact.js";

/** The encoder's models, what each was held against, and which of them are at work. */
export function toEncoderSection({ encoder, vectors_by, queries_by, models }: CatalogFacts): string {
  const head = [
    "model",
    "size",
    "gate",
    "same votes",
    "median cosine",
    "1 in 100 below",
    "same of ten nearest",
    "photos",
  ];
  const rows = models.map(({ model, bytes, gate, layers_in_fp32 }) => {
    const size = `${(bytes / 2 ** 20).toFixed(1)}&nbsp;MiB`;
    const name = layers_in_fp32 === 0 ? model : `${model} <small>${layers_in_fp32} layers in fp32</small>`;
    if (model === "fp32") return [name, size, "the reference", "", "", "", "", ""];
    if (gate === null) return [name, size, `<span class="pill">not measured</span>`, "", "", "", "", ""];
    const { passed, voteAgreement, cosine, topTenOverlap, photos, thresholds } = gate;
    return [
      name,
      size,
      `<span class="pill ${passed ? "good" : "bad"}">${passed ? "passed" : "failed"}</span>`,
      `${percent(voteAgreement)} <small>of ${percent(thresholds.voteAgreement)}</small>`,
      `${cosine.median} <small>of ${thresholds.medianCosine}</small>`,
      String(cosine.p1),
      percent(topTenOverlap),
      String(photos),
    ];
  });
  const words = `The vectors of the catalog were made by <b>${escapeHtml(vectors_by)}</b> of ${escapeHtml(encoder)}; these photos were
encoded by <b>${escapeHtml(queries_by)}</b>. A reduced model is served on its own only when it passed its gate.`;
  return toSection("encoder", "Precision of the encoder", words, toTable("Models", head, rows));
}
