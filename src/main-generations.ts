import { holdArtifact } from "./adapters/generation-hold.js";
import type { Served } from "./http/served.js";
import { type KnownSetting, type LoadParts, loadPipeline, toLine } from "./main-load.js";
import { watchWork } from "./main-work.js";
import type { OpenPipeline } from "./open-pipeline.js";
import type { EncoderState, ServedFacts } from "./pipeline.js";
import { noBacklog } from "./serving/backlog.js";
import type { Now } from "./serving/clock.js";
import type { Gate } from "./serving/gate.js";
import { createGenerations } from "./serving/generation.js";
import type { Log } from "./serving/log.js";
import type { Metrics } from "./serving/metrics.js";
import { createReload, type Reload } from "./serving/reload.js";

/** The artifacts of a server: the one it serves, and those that a reload has put out of use. */
export type ServedGenerations = Readonly<{
  /** Null before the first. */
  served: () => Served | null;
  lanes: () => number;
  /** What a newcomer has before it. */
  backlog: OpenPipeline["backlog"];
  /** Loads the first and serves it. @throws Error with one line when it cannot be served. */
  loadFirst: () => Promise<void>;
  reload: Reload;
  /** Shows the way in use again, after something happened to the encoder. */
  showEncoder: () => void;
  /** Waits for a reload under way: a session that is cut off while it opens aborts the whole process. Then closes all. */
  close: () => Promise<void>;
}>;

export function serveGenerations(parts: LoadParts & Readonly<{ gate: Gate; now: Now }>): ServedGenerations {
  const { log, metrics, gate, now } = parts;
  const generations = createGenerations<OpenPipeline>((pipeline) => closeLogged(pipeline, log));
  metrics.watch("stygig_generations_open", generations.open);
  watchWork(metrics, generations.current);
  const showEncoder = () => {
    const facts = generations.current()?.facts;
    if (facts === undefined) return;
    metrics.replace("stygig_served_info", [[toLabels(facts), 1]]);
    showRung(metrics, facts.encoderState());
  };
  const serve = (next: OpenPipeline) => {
    generations.replace(next);
    showEncoder();
  };
  const reload = createReload<OpenPipeline>({
    ...{ gate, now, generations: { current: generations.current, replace: serve } },
    open: (serving) => loadAgain(parts, serving),
    digestOf: ({ facts }) => facts.catalogDigest,
    report: (outcome) => {
      metrics.count("stygig_reloads_total", { outcome: outcome.kind });
      if (outcome.kind === "kept") {
        log.error("reload_failed", { reason: outcome.reason, catalog_digest: outcome.digest });
      } else {
        const { from, to, milliseconds } = outcome;
        log.info("artifact_reloaded", { catalog_digest: to, previous: from, reload_ms: Math.round(milliseconds) });
      }
    },
  });
  return {
    served: () => toServed(generations.current(), () => generations.hold()?.letGo ?? (() => {})),
    lanes: () => generations.current()?.lanes ?? 1,
    backlog: () => generations.current()?.backlog() ?? noBacklog,
    loadFirst: async () => serve(await loadHeld(parts, (folder) => loadPipeline(parts, folder))),
    reload,
    showEncoder,
    close: async () => {
      await reload.settled();
      await generations.close();
    },
  };
}

function toServed(pipeline: OpenPipeline | null, hold: Served["hold"]): Served | null {
  return pipeline === null ? null : { ...pipeline, ...pipeline.catalog, hold };
}

/** Opens what lies at the artifact's place now; of a store it stays there until it is closed, whatever is removed meanwhile. */
async function loadHeld(
  { config, log }: LoadParts,
  load: (folder: string) => Promise<OpenPipeline>,
): Promise<OpenPipeline> {
  const { folder, unheld, letGo } = await holdArtifact(config.modelDir);
  if (unheld !== null) log.warn("generation_not_held", { reason: unheld });
  try {
    const pipeline = await load(folder);
    return { ...pipeline, close: () => pipeline.close().finally(letGo) };
  } catch (error) {
    await letGo();
    throw error;
  }
}

/** @throws Error that does not say where the artifact lies: the admin route's answer repeats it. */
function loadAgain(parts: LoadParts, serving: OpenPipeline): Promise<OpenPipeline> {
  const known = toKnownSetting(serving.facts.encoderState());
  return loadHeld(parts, async (folder) => {
    try {
      return await loadPipeline(parts, folder, known, serving);
    } catch (error) {
      const line = toLine(error).replaceAll(`${folder}/`, "").replaceAll(folder, "the artifact's folder");
      throw new Error(line, { cause: error });
    }
  });
}

/** What was measured at the start holds; measured again beside the load it would say something else. */
function toKnownSetting({ provider, workers, threads }: EncoderState): KnownSetting {
  return provider === "cpu" ? { encoderWorkers: workers, encoderThreads: threads } : {};
}

async function closeLogged({ facts, close }: OpenPipeline, log: Log): Promise<void> {
  await close();
  log.info("artifact_closed", { catalog_digest: facts.catalogDigest });
}

function toLabels({ catalogDigest, index, encoder, encoderState, preprocess, rules }: ServedFacts) {
  const names = { index, encoder, preprocess, rules: rules.name };
  return { catalog_digest: catalogDigest, model_digest: encoderState().digest, ...names };
}

/** The rung in use is 1, those that were are 0. */
function showRung(metrics: Metrics, { provider, precision, degraded, rungs }: EncoderState): void {
  for (const rung of rungs) {
    if (rung.outcome !== "chosen" || rung.model === null) continue;
    metrics.set("stygig_encoder_rung", { provider: rung.provider, precision: rung.model }, 0);
  }
  metrics.set("stygig_encoder_rung", { provider, precision }, 1);
  metrics.set("stygig_encoder_degraded", {}, degraded ? 1 : 0);
}
