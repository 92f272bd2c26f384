import { type EncoderModel, type Precision, toModelName } from "./encoder-model.js";

/** Where a session may run, as ONNX Runtime names it. */
export type Provider = "tensorrt" | "cuda" | "cpu";

/** One way to run an encoder: a model of its manifest on a provider. */
export type Rung = Readonly<{ provider: Provider; model: EncoderModel }>;

/** A way that is not open, and why, in one line. `model` is the model's name, null when it is the provider's fault. */
export type RefusedRung = Readonly<{ provider: Provider; model: string | null; reason: string }>;

/** What the operator asks for. A precision by name takes models that no gate vouches for, and no other precision. */
export type RungWishes = Readonly<{
  providers: "auto" | readonly Provider[];
  precision: "auto" | Precision;
  /** Half precision on GPUs, where the encoder has it. */
  half: boolean;
}>;

/** What the machine can do, as far as anybody can tell. */
export type MachineFacts = Readonly<{
  /** Whether sums of 8-bit products are exact: on x64 that takes VNNI, older CPUs saturate at 16 bits. */
  sumsBytesExactly: boolean;
  /** Of the kernel's NVIDIA driver, such as `535.104.05`; null where none is found. */
  nvidiaDriver: string | null;
}>;

/** The ways to try, best first, and those that need not be tried. */
export type RungPlan = Readonly<{ rungs: readonly Rung[]; refused: readonly RefusedRung[] }>;

/** CUDA 13, which the CUDA provider of our ONNX Runtime is linked with, asks for this driver or a newer one. */
const minDriverMajor = 580;

/** Pure: which models to try on which providers, in which order, and why the others are out of the question. */
export function planRungs(models: readonly EncoderModel[], wishes: RungWishes, machine: MachineFacts): RungPlan {
  // Without a driver there is nothing that could be refused; asked for by name, the session itself says what is amiss.
  const usual: readonly Provider[] = machine.nvidiaDriver === null ? ["cpu"] : ["cuda", "cpu"];
  const providers = wishes.providers === "auto" ? usual : wishes.providers;
  const plans = providers.map((provider) =>
    provider === "cpu" ? planCpu(models, wishes, machine) : planGpu(provider, models, wishes, machine),
  );
  return { rungs: plans.flatMap(({ rungs }) => rungs), refused: plans.flatMap(({ refused }) => refused) };
}

/** `cuda fp16`, for people. */
export function toRungName({ provider, model }: Rung): string {
  return `${provider} ${toModelName(model)}`;
}

function planGpu(
  provider: Exclude<Provider, "cpu">,
  models: readonly EncoderModel[],
  wishes: RungWishes,
  { nvidiaDriver }: MachineFacts,
): RungPlan {
  const outdated = nvidiaDriver !== null && Number.parseInt(nvidiaDriver, 10) < minDriverMajor;
  if (outdated) {
    const reason = `the NVIDIA driver is ${nvidiaDriver}; CUDA 13 needs ${minDriverMajor} or newer`;
    return { rungs: [], refused: [{ provider, model: null, reason }] };
  }
  if (wishes.precision === "int8") {
    return { rungs: [], refused: [{ provider, model: "int8", reason: "8-bit models run on the CPU alone" }] };
  }
  const wanted: readonly Precision[] =
    wishes.precision !== "auto" ? [wishes.precision] : wishes.half ? ["fp16", "fp32"] : ["fp32"];
  // Half precision is asked for by name with either wish; only the narrower one overrules a gate that failed.
  return judge(provider, models, wanted, (model) => (wishes.precision === "auto" ? failureOf(model) : null));
}

function planCpu(models: readonly EncoderModel[], wishes: RungWishes, machine: MachineFacts): RungPlan {
  // Half precision is emulated on CPUs, slower than full: there only by name.
  const wanted: readonly Precision[] = wishes.precision === "auto" ? ["int8", "fp32"] : [wishes.precision];
  const eightBitsFirst = [...models].sort((one, other) => bitsOf(other) - bitsOf(one));
  // Where a machine has no use for 8-bit models its owner need not hear that the encoder brings none.
  const present = wanted.filter((each) => wishes.precision !== "auto" || models.some((it) => it.precision === each));
  return judge("cpu", eightBitsFirst, present.length > 0 ? present : wanted, (model) => {
    if (model.precision === "int8" && model.weightBits === 8 && !machine.sumsBytesExactly) {
      return "this CPU has no VNNI, where sums of 8-bit weights saturate; 7-bit weights do not";
    }
    return wishes.precision === "auto" ? (failureOf(model) ?? lackOf(model)) : null;
  });
}

function bitsOf(model: EncoderModel): number {
  return model.precision === "int8" ? model.weightBits : 0;
}

/** The models of each wanted precision in turn, sorted into rungs and refusals. */
function judge(
  provider: Provider,
  models: readonly EncoderModel[],
  wanted: readonly Precision[],
  reasonAgainst: (model: EncoderModel) => string | null,
): RungPlan {
  const rungs: Rung[] = [];
  const refused: RefusedRung[] = [];
  for (const precision of wanted) {
    const found = models.filter((model) => model.precision === precision);
    if (found.length === 0)
      refused.push({ provider, model: precision, reason: `the encoder has no ${precision} model` });
    for (const model of found) {
      const reason = reasonAgainst(model);
      if (reason === null) rungs.push({ provider, model });
      else refused.push({ provider, model: toModelName(model), reason });
    }
  }
  return { rungs, refused };
}

/** Why a model that was held against the reference must not stand in for it. */
function failureOf(model: EncoderModel): string | null {
  if (model.precision === "fp32" || model.gate === undefined || model.gate.passed) return null;
  const { voteAgreement, cosine, thresholds } = model.gate;
  return (
    `it failed its gate: vote agreement ${voteAgreement} (least ${thresholds.voteAgreement}), ` +
    `median cosine ${cosine.median} (least ${thresholds.medianCosine}); asking for ${model.precision} by name overrules it`
  );
}

function lackOf(model: EncoderModel): string | null {
  if (model.precision === "fp32" || model.gate !== undefined) return null;
  return `no gate vouches for it; asking for ${model.precision} by name takes it unproven`;
}
