import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createCatalogRows } from "../../../catalog/catalog-rows.js";
import { writeArtifact } from "../../../catalog/write-artifact.js";
import { readEncoderFiles } from "../../../src/adapters/encoder-files.js";
import { toSwatch } from "../../../src/domain/color.js";
import type { Embedding } from "../../../src/domain/embedding.js";
import { standardRules } from "../../../src/domain/ranking-rules.js";
import { uncalibrated } from "../../../src/domain/vote-confidence.js";
import { anItem } from "../../support/an-artifact.js";
import { createClusteredCatalog } from "../../support/clustered-catalog.js";
import { writeTinyEncoder } from "../../support/tiny-encoder.js";
import { benchFolder } from "../harness/project-folder.js";
import { median, quantile } from "../harness/quantile.js";
import type { Figures } from "../harness/rounds.js";
import type { Variant } from "../harness/run-bench.js";
import { type Served, startServed } from "../serve/served.js";
import { dimension, seed } from "./ranked-search.js";

const chunkRows = 10_000;
const warmUps = 20;
const usualAsked = 200;
const shortAsked = 20;

/**
 * The built server with an artifact whose index is one of codes, asked over HTTP about its own items. The encoder is a few
 * kilobytes, so that `rss_gb` is what the catalog takes; `index_s` is the writing of the index with its measuring.
 */
export function servedSearch(usualRows: number, shortRows: number): Variant {
  return async ({ short }, countCpu) => {
    const rows = short ? shortRows : usualRows;
    const folder = join(benchFolder, "search", "artifact");
    rmSync(folder, { recursive: true, force: true });
    try {
      const { indexMs, agreement } = await makeArtifact(folder, rows);
      const served = await startServed(folder, {});
      const times = await askItems(served, rows, short ? shortAsked : usualAsked);
      const rss = served.rssBytes();
      countCpu(served.cpuMs());
      await served.stop();
      return { ...times, ready_s: served.readyMs / 1000, rss_gb: rss / 1e9, index_s: indexMs / 1000, agreement };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function makeArtifact(folder: string, count: number) {
  const encoderFolder = join(benchFolder, "search", "encoder");
  mkdirSync(folder, { recursive: true });
  await writeTinyEncoder(encoderFolder, { dimension });
  const encoder = await readEncoderFiles(encoderFolder);
  const catalog = createClusteredCatalog(dimension, seed, 0);
  const rows = createCatalogRows(folder, dimension);
  while (rows.count() < count) {
    const garments = catalog.draw(Math.min(chunkRows, count - rows.count()));
    const vectors = catalog.embed(garments);
    for (const [i, { category, gender, rgb }] of garments.entries()) {
      const row = rows.count();
      const shown = { title: `Item ${row}`, price: "19.90", path: `pictures/${row}.jpg` };
      const item = anItem({
        row,
        id: toId(row),
        category,
        gender,
        meanColor: rgb,
        palette: [toSwatch(rgb, 1)],
        ...shown,
      });
      await rows.add(item, vectors.slice(i * dimension, (i + 1) * dimension) as Embedding);
    }
  }
  const finished = await rows.finish();
  const start = performance.now();
  const { manifest } = await writeArtifact(folder, {
    ...{ rows: finished, encoder, model: encoder.models[0], index: "codes" },
    ...{ rules: standardRules, calibrate: async () => uncalibrated, skipped: 0, thumbnails: null },
  });
  return { indexMs: performance.now() - start, agreement: manifest.indexAgreement!.sameAnswer };
}

function toId(row: number): string {
  return `item-${String(row).padStart(8, "0")}`;
}

type Answer = Readonly<{ metadata: Readonly<Record<"processing_time_ms" | "search_ms" | "rank_ms", number>> }>;

async function askItems({ port }: Served, rows: number, count: number): Promise<Figures> {
  const times = { whole: [] as number[], search: [] as number[], rank: [] as number[], http: [] as number[] };
  for (let call = 0; call < warmUps + count; call++) {
    const body = JSON.stringify({ item_id: toId((call * 7919) % rows) });
    const start = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/invocations`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body },
    });
    const { metadata } = (await response.json()) as Answer;
    if (call < warmUps) continue;
    times.http.push(performance.now() - start);
    times.whole.push(metadata.processing_time_ms);
    times.search.push(metadata.search_ms);
    times.rank.push(metadata.rank_ms);
  }
  return {
    ...{ p50_ms: median(times.whole), p99_ms: quantile(times.whole, 0.99), http_p50_ms: median(times.http) },
    ...{ search_p50_ms: median(times.search), rank_p50_ms: median(times.rank) },
  };
}
