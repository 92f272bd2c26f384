import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { toPipelineOptions } from "../../src/cli/pipeline-options.js";
import { openPipeline } from "../../src/open-pipeline.js";
import type { StageTimes } from "../../src/pipeline.js";

// `node dist/test/bench/request.js ARTIFACT PICTURE`: what one request costs, picture in to answer out, without HTTP,
// by stage: the median and the 95th percentile of 300 requests, one after the other, after 30 to warm up. Prints JSON.
const [artifact, picture] = process.argv.slice(2);
const requests = 300;
const warmUps = 30;

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((first, second) => first - second);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]! * 100) / 100;
}

async function measure(artifactFolder: string, pictureFile: string): Promise<unknown> {
  const pipeline = await openPipeline(toPipelineOptions(artifactFolder, 1));
  const times: StageTimes[] = [];
  const options = {
    mode: "outfit",
    profile: "v5",
    gender: null,
    category: null,
    topK: null,
    itemsPerCategory: null,
  } as const;
  const source = { kind: "image", bytes: readFileSync(pictureFile) } as const;
  const query = { ...options, source, excludeIds: [], explain: false };
  for (let request = 0; request < warmUps + requests; request++) {
    const answer = await pipeline.recommend(query, new AbortController().signal);
    if (request >= warmUps) times.push(answer.times);
  }
  const { items, encoder, index } = pipeline.facts;
  await pipeline.close();
  const stages = ["decodeMs", "encodeMs", "searchMs", "rankMs", "totalMs"] as const;
  const results = stages.map((stage) => {
    const values = times.map((each) => each[stage] ?? 0);
    return { stage, median: percentile(values, 0.5), p95: percentile(values, 0.95) };
  });
  return { items, encoder, index, pictureBytes: source.bytes.length, results };
}

if (artifact === undefined || picture === undefined) {
  console.error("usage: node dist/test/bench/request.js ARTIFACT PICTURE");
  process.exitCode = 2;
} else {
  const measured = await measure(artifact, picture);
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim()}`;
  const date = new Date().toISOString().slice(0, 10);
  console.log(
    JSON.stringify({ machine, node: process.version, commit, date, unit: "ms", ...(measured as object) }, null, 2),
  );
}
