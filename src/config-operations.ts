import { oneOf, onOrOff, type VariableParser, wholeNumber } from "./config-parsers.js";
import { setting } from "./config-setting.js";

/** CloudWatch's own limits on a dimension; `AWS/` is its own services' prefix. */
const maxDimensions = 29;
const dimensionName = /^[A-Za-z0-9_][A-Za-z0-9_. /#-]{0,249}$/;
const dimensionValue = /^[\x21-\x7e][\x20-\x7e]{0,1023}$/;

/** `Name=value` pairs between commas; none may come twice. */
const dimensions: VariableParser<Readonly<Record<string, string>>> = (text) => {
  const pairs = text.split(",").map((pair) => {
    const cut = pair.indexOf("=");
    return [pair.slice(0, Math.max(0, cut)).trim(), pair.slice(cut + 1).trim()] as const;
  });
  const areFit = pairs.every(([name, value]) => dimensionName.test(name) && dimensionValue.test(value));
  const isUnique = new Set(pairs.map(([name]) => name)).size === pairs.length;
  if (areFit && isUnique && pairs.length <= maxDimensions) return { value: Object.fromEntries(pairs) };
  return { must: `at most ${maxDimensions} pairs such as EndpointName=look,Stage=live` };
};

const namespace: VariableParser<string> = (text) => {
  const isFit = /^[A-Za-z0-9.\-_/#:]{1,255}$/.test(text) && !text.startsWith("AWS/");
  return isFit ? { value: text } : { must: "at most 255 letters, digits and . - _ / # :, without AWS/ in front" };
};

/** As the platform names variants. */
const variantName: VariableParser<string> = (text) => {
  const isFit = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(text);
  return isFit ? { value: text } : { must: "a variant's name: at most 63 letters, digits and hyphens" };
};

/** How many there are: CUDA shows them as 0, 1 and so on, and those before the first that it does not know. */
const deviceList: VariableParser<number | "auto"> = (text) => {
  const entries = text.split(",").map((entry) => entry.trim());
  const unknown = entries.findIndex((entry) => !/^(\d+|(GPU|MIG)-[\w/-]+)$/.test(entry));
  return { value: Math.max(1, unknown < 0 ? entries.length : unknown) };
};

/** What operators watch the server by, and what they know from GPU services before this one. */
export const operationsSettings = {
  page: setting({
    variables: ["STYGIG_PAGE"],
    parse: oneOf("on", "off"),
    // Whoever reaches the port sees the catalog on it: that is somebody's decision, never what is left when nobody made one.
    usual: "off",
    unit: null,
    help: "Whether / shows the page, and with it the catalog and its pictures; unset, `stygig serve` takes on.",
  }),
  keepAliveMs: setting({
    variables: ["STYGIG_KEEP_ALIVE_MS"],
    parse: wholeNumber({ min: 1000, max: 3_600_000 }),
    // Longer than any proxy in front keeps an idle connection, so that it is never we who close one just in use.
    usual: 75_000,
    unit: "ms",
    help: "How long an idle connection may be counted on, in whole seconds; it is closed a little later.",
  }),
  variant: setting<string | null>({
    variables: ["STYGIG_VARIANT_NAME"],
    parse: variantName,
    usual: null,
    unit: null,
    help: "Name of the production variant, on every log line; the platform tells no container its own.",
  }),
  emf: setting({
    variables: ["STYGIG_EMF"],
    parse: onOrOff,
    usual: false,
    unit: null,
    help: "Whether a line a minute in CloudWatch's embedded metric format goes to the log.",
  }),
  emfNamespace: setting({
    variables: ["STYGIG_EMF_NAMESPACE"],
    parse: namespace,
    usual: "StyGig",
    unit: null,
    help: "CloudWatch namespace of those metrics.",
  }),
  emfDimensions: setting<Readonly<Record<string, string>> | null>({
    variables: ["STYGIG_EMF_DIMENSIONS"],
    parse: dimensions,
    usual: null,
    unit: null,
    help: "Their dimensions, as Name=value,Name=value; VariantName is added where STYGIG_VARIANT_NAME is set.",
  }),
  downscaleMax: setting<number | null>({
    variables: ["STYGIG_DOWNSCALE_MAX", "DOWNSCALE_MAX"],
    parse: wholeNumber({ min: 64, max: 65_535 }),
    usual: null,
    unit: "pixels",
    help: "Longest side to which larger pictures are shrunk as they are decoded; changes their embeddings a little.",
  }),
  gpuDevices: setting<number | "auto">({
    variables: ["CUDA_VISIBLE_DEVICES"],
    parse: deviceList,
    usual: "auto",
    unit: null,
    help: "The driver's own choice of GPUs, such as 0,1: a session runs on each of them; auto is all that nvidia-smi lists.",
  }),
  gpuMaxConcurrentJobs: setting({
    variables: ["STYGIG_GPU_MAX_CONCURRENT_JOBS", "GPU_MAX_CONCURRENT_JOBS"],
    parse: wholeNumber({ min: 1, max: 16 }),
    // One session keeps a GPU busy; a second one holds the weights twice.
    usual: 1,
    unit: null,
    help: "Encoder runs at once on a GPU, each with a session of its own; what comes meanwhile waits.",
  }),
  gpuVramLimitMb: setting<number | null>({
    variables: ["STYGIG_GPU_VRAM_LIMIT", "GPU_VRAM_LIMIT"],
    parse: wholeNumber({ min: 1, max: 1_000_000 }),
    usual: null,
    unit: null,
    help: "GPU memory that the encoder may take, in MB, by estimate; a model that needs more is not opened there.",
  }),
} as const;
