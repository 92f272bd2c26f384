import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { modelsIn, provideModels } from "./encoder/models.js";
import { decodePhoto, openDecoder, openEncoder } from "./encoder/ours.js";
import { installPeers, openPeer, type PeerOptions, peersFolder } from "./encoder/peers.js";
import { bestOf, nameOf, type Precision, type Setting, settingsFor } from "./encoder/settings.js";
import { atLeast, atMost } from "./harness/bar.js";
import { versionOf } from "./harness/machine.js";
import { median, shown } from "./harness/quantile.js";
import { type Figures, type RawFigures, ratioOf, summarizeAll } from "./harness/rounds.js";
import { type BenchRun, type Measured, runBench, type Variant, type VariantRun } from "./harness/run-bench.js";
import { callsPerSecond, timeCalls } from "./harness/timing.js";

// `npm run bench -- encoder`: CLIP ViT-B/32 of random weights. The model alone at every setting; decode and resize alone;
// a picture's file to its embedding for one caller, by us (int8) and by transformers.js (the same weights, both
// precisions, its own thread count and ours); how soon an int8 session is ready.
const cores = availableParallelism();
const settings = settingsFor(cores);
/** For many callers a worker to each core; the server encodes one picture a run. */
const throughputSetting: Setting = { workers: cores, threads: 1 };
/** For one caller every thread works on the one picture. */
const latencySetting: Setting = { workers: 1, threads: cores };
const batches = [1, 4] as const;
const dimension = 512;

const calls = { warmUps: 5, timed: 40 };
const shortCalls = { warmUps: 1, timed: 3 };
/** Pictures of one throughput figure: about two seconds of work on two cores. */
const pictures = { fp32: 40, int8: 120 } as const;
const shortPictures = 8;

const callsOf = ({ short }: VariantRun) => (short ? shortCalls : calls);
const modelsOf = ({ parameters }: VariantRun) => modelsIn(parameters[0]!);
const throughputFigure = (batch: number) => `images per second, batches of ${batch}`;

function modelAlone(precision: Precision, setting: Setting): Variant {
  return async (run): Promise<Figures> => {
    const { ours, photo } = modelsOf(run);
    const input = await decodeOnce(photo);
    const encoder = await openEncoder(ours, precision, setting);
    const p50Ms = median(await timeCalls(() => encoder.encode([input]), callsOf(run)));
    const figures: Record<string, number> = { p50Ms };
    for (const batch of batches) {
      const inputs = Array.from({ length: batch }, () => input);
      const count = (run.short ? shortPictures : pictures[precision]) / batch;
      // Two callers for each worker, so that none waits for its next batch.
      const rate = await callsPerSecond(() => encoder.encode(inputs), setting.workers * 2, count);
      figures[throughputFigure(batch)] = rate * batch;
    }
    await encoder.close();
    return figures;
  };
}

async function decodeOnce(photo: string) {
  const decoder = await openDecoder();
  const input = await decodePhoto(decoder, await readFile(photo));
  await decoder.close();
  return input;
}

async function decodeAlone(run: VariantRun): Promise<Figures> {
  const bytes = await readFile(modelsOf(run).photo);
  const decoder = await openDecoder();
  const p50Ms = median(await timeCalls(() => decodePhoto(decoder, bytes), callsOf(run)));
  await decoder.close();
  return { p50Ms };
}

async function pictureToEmbedding(run: VariantRun): Promise<Figures> {
  const { ours, photo } = modelsOf(run);
  const decoder = await openDecoder();
  const encoder = await openEncoder(ours, "int8", latencySetting);
  const encodeFile = async () => encoder.encode([await decodePhoto(decoder, await readFile(photo))]);
  const p50Ms = median(await timeCalls(encodeFile, callsOf(run)));
  await decoder.close();
  await encoder.close();
  return { p50Ms };
}

/** From the call to a session that has proven itself on its probe picture; the file is in the system's cache. */
async function sessionReady(run: VariantRun): Promise<Figures> {
  const start = performance.now();
  const encoder = await openEncoder(modelsOf(run).ours, "int8", latencySetting);
  const ms = performance.now() - start;
  await encoder.close();
  return { ms };
}

function peerToEmbedding(options: Omit<PeerOptions, "folder">): Variant {
  return async (run) => {
    const { peer, photo } = modelsOf(run);
    const encodeFile = await openPeer({ folder: peer, ...options });
    const { dims } = await encodeFile(photo);
    if (dims.join() !== `1,${dimension}`) throw new Error(`transformers.js gave an embedding of ${dims}`);
    return { p50Ms: median(await timeCalls(() => encodeFile(photo), callsOf(run))) };
  };
}

const aloneName = (precision: Precision, setting: Setting) => `${precision}, ${nameOf(setting)}`;
const aloneVariants = (precision: Precision) =>
  Object.fromEntries(
    settings.map((setting) => [aloneName(precision, setting), modelAlone(precision, setting)] as const),
  );
const peerVariants = (dtype: PeerOptions["dtype"]) => ({
  [`transformers.js ${dtype}, its own threads`]: peerToEmbedding({ dtype, threads: null }),
  [`transformers.js ${dtype}, ${cores} threads`]: peerToEmbedding({ dtype, threads: cores }),
});
const groups = {
  fp32: aloneVariants("fp32"),
  int8: aloneVariants("int8"),
  wholePath: { decode: decodeAlone, "picture to embedding": pictureToEmbedding, "session ready": sessionReady },
  peerFp32: peerVariants("fp32"),
  peerInt8: peerVariants("q8"),
} satisfies Readonly<Record<string, Readonly<Record<string, Variant>>>>;
const variants: Readonly<Record<string, Variant>> = Object.assign({}, ...Object.values(groups));

async function measure({ inRounds }: BenchRun): Promise<Measured> {
  installPeers();
  const folder = await provideModels();
  const raw = await inRounds(Object.keys(variants), [folder]);
  const { figures, bars } = conclude(raw);
  const libraries = {
    "onnxruntime-node": versionOf("onnxruntime-node"),
    sharp: versionOf("sharp"),
    "@huggingface/transformers": versionOf("@huggingface/transformers", peersFolder),
    "its onnxruntime-node": versionOf("onnxruntime-node", peersFolder),
    "its sharp": versionOf("sharp", peersFolder),
  };
  return { figures: { photoBytes: readFileSync(modelsIn(folder).photo).length, ...figures }, bars, libraries };
}

function conclude(raw: RawFigures): Pick<Measured, "figures" | "bars"> {
  const only = (group: keyof typeof groups): RawFigures =>
    Object.fromEntries(Object.keys(groups[group]).map((name) => [name, raw[name]!]));
  const isP50 = (figure: string) => figure === "p50Ms";
  const isRate = (figure: string) => !isP50(figure);
  const latency = { fp32: bestOf(only("fp32"), isP50, "least"), int8: bestOf(only("int8"), isP50, "least") };
  const rate = { fp32: bestOf(only("fp32"), isRate, "most"), int8: bestOf(only("int8"), isRate, "most") };
  const peer = { fp32: bestOf(only("peerFp32"), isP50, "least"), int8: bestOf(only("peerInt8"), isP50, "least") };
  const whole = raw["picture to embedding"]!.p50Ms!;
  const alone = raw[aloneName("int8", latencySetting)]!.p50Ms!;
  const served = (precision: Precision) => raw[aloneName(precision, throughputSetting)]![throughputFigure(1)]!;
  const parts = raw.decode!.p50Ms!.map((decodeMs, round) => decodeMs + alone[round]!);
  return {
    figures: {
      ...summarizeAll(raw),
      best: {
        "one picture, fp32": latency.fp32.variant,
        "one picture, int8": latency.int8.variant,
        // The bar is of the setting that serves: single-thread workers, one picture a run. Batches help fp32 and leave
        // int8 as it is, so with the best setting and batch of each the ratio is smaller.
        "throughput, int8 over fp32": ratioOf(rate.int8.raw, rate.fp32.raw),
        "throughput, fp32": `${rate.fp32.variant}: ${rate.fp32.figure}`,
        "throughput, int8": `${rate.int8.variant}: ${rate.int8.figure}`,
        "peer, fp32": peer.fp32.variant,
        "peer, int8": peer.int8.variant,
      },
    },
    bars: [
      atLeast("latency_ratio_fp32_over_int8", ratioOf(latency.fp32.raw, latency.int8.raw), 2),
      atLeast("throughput_ratio_int8_over_fp32", ratioOf(served("int8"), served("fp32")), 3),
      atLeast("peer_fp32_ratio", ratioOf(peer.fp32.raw, whole), 2.3),
      atLeast("peer_int8_ratio", ratioOf(peer.int8.raw, whole), 1.05),
      atMost("embed_over_parts", ratioOf(whole, parts), 1.15),
      atMost("session_ready_ms", shown(median(raw["session ready"]!.ms!)), 1000),
    ],
  };
}

await runBench(import.meta.url, { name: "encoder", variants, measure });
