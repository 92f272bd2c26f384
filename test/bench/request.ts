import { readFileSync } from "node:fs";
import { toPipelineOptions } from "../../src/cli/pipeline-options.js";
import { openPipeline } from "../../src/open-pipeline.js";
import type { StageTimes } from "../../src/pipeline.js";
import { versionOf } from "./harness/machine.js";
import { quantile } from "./harness/quantile.js";
import { type Figures, summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type VariantRun } from "./harness/run-bench.js";

// `npm run bench -- request ARTIFACT PICTURE`: what one request costs, picture in to answer out, without HTTP, by stage:
// the median and the 95th percentile of 300 requests, one after the other, after 30 to warm up.
const usualCalls = { warmUps: 30, timed: 300 };
const shortCalls = { warmUps: 3, timed: 10 };
const stages = ["decodeMs", "encodeMs", "searchMs", "rankMs", "totalMs"] as const;
const variant = "one caller";

async function timeRequests({ short, parameters }: VariantRun): Promise<Figures> {
  const [artifact, picture] = parameters as readonly [string, string];
  const { warmUps, timed } = short ? shortCalls : usualCalls;
  const pipeline = await openPipeline(toPipelineOptions(artifact, 1));
  const times: StageTimes[] = [];
  const options = {
    mode: "outfit",
    profile: "v5",
    gender: null,
    category: null,
    topK: null,
    itemsPerCategory: null,
  } as const;
  const source = { kind: "image", bytes: readFileSync(picture) } as const;
  const query = { ...options, source, excludeIds: [], explain: false };
  for (let request = 0; request < warmUps + timed; request++) {
    const answer = await pipeline.recommend(query, new AbortController().signal);
    if (request >= warmUps) times.push(answer.times);
  }
  await pipeline.close();
  return Object.fromEntries(
    stages.flatMap((stage) => {
      const values = times.map((each) => each[stage] ?? 0);
      return [
        [`${stage}, median`, quantile(values, 0.5)],
        [`${stage}, p95`, quantile(values, 0.95)],
      ];
    }),
  );
}

async function readFacts(artifact: string) {
  const pipeline = await openPipeline(toPipelineOptions(artifact, 1));
  const { items, encoder, index } = pipeline.facts;
  await pipeline.close();
  return { items, encoder, index };
}

async function measure({ parameters, inRounds }: BenchRun): Promise<Measured> {
  const [artifact, picture] = parameters as readonly [string, string];
  const facts = await readFacts(artifact);
  const pictureBytes = readFileSync(picture).length;
  const raw = await inRounds([variant], parameters);
  const libraries = { "onnxruntime-node": versionOf("onnxruntime-node"), sharp: versionOf("sharp") };
  return { figures: { unit: "ms", ...facts, pictureBytes, ...summarizeAll(raw) }, bars: [], libraries };
}

await runBench(import.meta.url, {
  name: "request",
  parameters: "ARTIFACT PICTURE",
  variants: { [variant]: timeRequests },
  measure,
});
