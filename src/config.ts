import { admissionSettings } from "./config-admission.js";
import { operationsSettings } from "./config-operations.js";
import {
  autoOr,
  flag,
  listOf,
  oneOf,
  onOrOff,
  type PortRange,
  path,
  portRange,
  wholeNumber,
} from "./config-parsers.js";
import { referenceSettings } from "./config-references.js";
import { type Setting, setting } from "./config-setting.js";
import type { Parsed } from "./domain/parsed.js";

export type { Setting } from "./config-setting.js";

const mebibyte = 1024 * 1024;
const threads = autoOr(wholeNumber({ min: 1, max: 512 }));

/** Every setting. The README table is checked against this object. */
export const settings = {
  port: setting({
    variables: ["SAGEMAKER_BIND_TO_PORT", "PORT"],
    parse: wholeNumber({ min: 0, max: 65_535 }),
    usual: 8080,
    unit: null,
    help: "Port to listen on, on all addresses; 0 takes any free one.",
  }),
  safePortRange: setting<PortRange | null>({
    variables: ["SAGEMAKER_SAFE_PORT_RANGE"],
    parse: portRange,
    usual: null,
    unit: null,
    help: "Where further listeners must be; the only one is STYGIG_ADMIN_PORT.",
  }),
  adminPort: setting<number | null>({
    variables: ["STYGIG_ADMIN_PORT"],
    parse: wholeNumber({ min: 0, max: 65_535 }),
    usual: null,
    unit: null,
    help: "Port of the admin routes, on 127.0.0.1 alone; without it there are none. 0 takes any free one.",
  }),
  modelDir: setting({
    variables: ["STYGIG_MODEL_DIR", "MODEL_CACHE_DIR"],
    parse: path,
    usual: "/opt/ml/model",
    unit: null,
    help: "Folder of the artifact; only read, and nothing is downloaded to it.",
  }),
  index: setting({
    variables: ["STYGIG_INDEX", "INDEX"],
    parse: oneOf("auto", "faiss", "flat", "exact"),
    usual: "auto",
    unit: null,
    help:
      "What searches: the artifact's own index (auto; faiss refuses to start without FAISS), every vector as it is by " +
      "FAISS (flat), or in TypeScript (exact), which all take without FAISS.",
  }),
  executionProviders: setting({
    variables: ["STYGIG_EXECUTION_PROVIDERS", "EXECUTION_PROVIDERS"],
    parse: autoOr(listOf("tensorrt", "cuda", "cpu")),
    usual: "auto",
    unit: null,
    help: "Where the encoder may run, best first, such as cuda,cpu; auto is cuda where there is a driver, then cpu.",
  }),
  precision: setting({
    variables: ["STYGIG_PRECISION"],
    parse: oneOf("auto", "fp32", "fp16", "int8"),
    usual: "auto",
    unit: null,
    help: "Which of the encoder's models to run: auto takes int8 on the CPU if its gate passed, a name that one alone.",
  }),
  halfPrecision: setting({
    variables: ["CLIP_FP16", "SAM_FP16"],
    parse: onOrOff,
    usual: false,
    unit: null,
    help: "Half precision on the GPU, where the encoder has it; fp32 is the next rung.",
  }),
  fallback: setting({
    variables: ["STYGIG_FALLBACK", "FALLBACK"],
    parse: oneOf("next", "exit"),
    usual: "next",
    unit: null,
    help: "When the device fails, also at the start: next serves on from the next rung, degraded; exit ends with 1.",
  }),
  encoderWorkers: setting({
    variables: ["STYGIG_ENCODER_WORKERS", "ENCODER_WORKERS"],
    parse: threads,
    usual: "auto",
    unit: null,
    help: "Encoder sessions at work side by side; auto measures at the start for at most a second.",
  }),
  encoderThreads: setting({
    variables: ["STYGIG_ENCODER_THREADS", "ENCODER_THREADS"],
    parse: threads,
    usual: "auto",
    unit: null,
    help: "Threads of each encoder session; auto measures at the start for at most a second.",
  }),
  optimizeFor: setting({
    variables: ["STYGIG_OPTIMIZE_FOR", "OPTIMIZE_FOR"],
    parse: oneOf("latency", "throughput"),
    // Under load it decides how long callers wait, and what a picture costs; alone it costs one caller a few ms.
    usual: "throughput",
    unit: null,
    help: "What auto looks for: the shortest time of one picture alone, or the most pictures a second.",
  }),
  warmModel: setting({
    variables: ["WARM_MODEL"],
    parse: onOrOff,
    usual: true,
    unit: null,
    help: "Whether a picture goes the whole way before /ping answers 200; loading always comes before it.",
  }),
  decoderWorkers: setting({
    variables: ["STYGIG_DECODER_WORKERS", "GEN_MAX_WORKERS"],
    parse: threads,
    usual: "auto",
    unit: null,
    help: "Pictures decoded side by side; auto is half the cores.",
  }),
  maxBodyBytes: setting({
    variables: ["STYGIG_MAX_BODY_BYTES"],
    parse: autoOr(wholeNumber({ min: 1024, max: 1024 * mebibyte })),
    usual: "auto",
    unit: "bytes",
    help: "Largest request body; auto is 25 MiB, in a batch job the job's own payload limit or 100 MiB.",
  }),
  maxAnswerBytes: setting({
    variables: ["STYGIG_MAX_ANSWER_BYTES"],
    parse: wholeNumber({ min: 1024, max: 64 * 1024 * mebibyte }),
    // Twenty thousand answers of 12 KB, more than a batch of 100 MB has pictures.
    usual: 256 * mebibyte,
    unit: "bytes",
    help: "Largest answer to many records in one body; what does not fit in memory waits in a file under TMPDIR.",
  }),
  maxPixels: setting({
    variables: ["STYGIG_MAX_PIXELS"],
    parse: wholeNumber({ min: 1, max: 1_000_000_000 }),
    // A phone's 64-megapixel mode fits; three bytes a pixel are 200 MB per decoder while it works.
    usual: 2 ** 26,
    unit: "pixels",
    help: "Most pixels a picture may declare.",
  }),
  drainTimeoutMs: setting({
    variables: ["STYGIG_DRAIN_TIMEOUT_MS"],
    parse: wholeNumber({ min: 0, max: 3_600_000 }),
    // Closing what is open has three seconds more, and the platform kills 30 s after it asked.
    usual: 22_000,
    unit: "ms",
    help: "How long accepted requests may go on after SIGTERM; the process ends 3 s later at the latest.",
  }),
  logLevel: setting({
    variables: ["STYGIG_LOG_LEVEL"],
    parse: oneOf("debug", "info", "warn", "error", "silent"),
    usual: "info",
    unit: null,
    help: "Least level that is logged.",
  }),
  isBatch: setting({
    variables: ["SAGEMAKER_BATCH"],
    parse: flag,
    usual: false,
    unit: null,
    help: "Set by the platform in a batch transform job.",
  }),
  maxPayloadMb: setting<number | null>({
    variables: ["SAGEMAKER_MAX_PAYLOAD_IN_MB"],
    parse: wholeNumber({ min: 0, max: 1024 }),
    usual: null,
    unit: null,
    help: "The batch job's payload limit, if it has one; 0 is none.",
  }),
  batchStrategy: setting<"multi_record" | "single_record" | null>({
    variables: ["SAGEMAKER_BATCH_STRATEGY"],
    parse: oneOf("multi_record", "single_record"),
    usual: null,
    unit: null,
    help: "The batch job's own strategy, MULTI_RECORD or SINGLE_RECORD; only repeated to whoever asks.",
  }),
  maxConcurrentTransforms: setting<number | null>({
    variables: ["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"],
    parse: wholeNumber({ min: 0, max: 1000 }),
    usual: null,
    unit: null,
    help: "The batch job's wish for requests at once; 0 leaves it to us.",
  }),
  ...admissionSettings,
  ...referenceSettings,
  ...operationsSettings,
} as const satisfies Record<string, Setting<unknown>>;

type Settings = typeof settings;
export type SettingName = keyof Settings;
export type ServerConfig = Readonly<{
  [Name in SettingName]: Settings[Name] extends Setting<infer T> ? T : never;
}>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Of an environment: each setting's value and where it came from, a variable's name or "default". */
export type SettingOrigins = Readonly<Record<SettingName, string>>;

const prefix = "STYGIG_";
/** Of our deploy commands alone: whoever has them set for those may start a server all the same. */
const commandVariables = ["STYGIG_IMAGE_URI"];
const knownVariables: ReadonlySet<string> = new Set([
  ...Object.values(settings).flatMap(({ variables }: Setting<unknown>) => variables),
  ...commandVariables,
]);

/**
 * Pure: reads nothing but its argument. The frozen configuration, or every problem at once; a variable with our
 * prefix that we do not know is one, because a misspelt limit is no limit.
 */
export function parseServerConfig(environment: Environment): Parsed<ServerConfig> {
  const problems: string[] = [];
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of settingNames()) {
    const { parse, usual }: Setting<unknown> = settings[name];
    const variable = originOf(name, environment);
    const text = variable === null ? "" : environment[variable]!.trim();
    const parsed = variable === null ? { value: usual } : parse(text);
    if ("value" in parsed) values[name] = parsed.value;
    else problems.push(`${variable} must be ${parsed.must}, not ${JSON.stringify(text.slice(0, 100))}.`);
  }
  problems.push(...adminPortProblems(values as Partial<ServerConfig>));
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || knownVariables.has(variable) || text === undefined) continue;
    problems.push(`${variable} is not a variable of this server.`);
  }
  const [first, ...rest] = problems;
  return first === undefined ? { value: Object.freeze(values) as ServerConfig } : { problems: [first, ...rest] };
}

/** The platform opens its ports and this range alone; a listener elsewhere would break its rules. */
function adminPortProblems({ port, safePortRange, adminPort }: Partial<ServerConfig>): readonly string[] {
  if (adminPort == null) return [];
  if (safePortRange != null && (adminPort < safePortRange.low || adminPort > safePortRange.high)) {
    const { low, high } = safePortRange;
    return [`STYGIG_ADMIN_PORT must be inside SAGEMAKER_SAFE_PORT_RANGE, ${low}-${high}, not ${adminPort}.`];
  }
  return adminPort === port && port !== 0 ? [`STYGIG_ADMIN_PORT must not be the port of the server, ${port}.`] : [];
}

/** Where each setting of this environment comes from. */
export function toOrigins(environment: Environment): SettingOrigins {
  const origins = settingNames().map((name) => [name, originOf(name, environment) ?? "default"]);
  return Object.fromEntries(origins) as SettingOrigins;
}

/** The largest body that is read, in bytes. */
export function toMaxBodyBytes({ maxBodyBytes, maxPayloadMb, isBatch }: ServerConfig): number {
  if (maxBodyBytes !== "auto") return maxBodyBytes;
  // The platform's documents name 25 MB for real-time endpoints and 100 MB for batch jobs.
  return (maxPayloadMb || (isBatch ? 100 : 25)) * mebibyte;
}

function settingNames(): readonly SettingName[] {
  return Object.keys(settings) as SettingName[];
}

function originOf(name: SettingName, environment: Environment): string | null {
  const { variables }: Setting<unknown> = settings[name];
  return variables.find((variable) => (environment[variable] ?? "").trim() !== "") ?? null;
}
