/** Small files that describe a model; whichever of them a repository has. */
const descriptions = ["config.json", "preprocessor_config.json", "open_clip_config.json"] as const;

type Form = Readonly<{ config: string; weights: readonly string[] }>;

/** Hugging Face's form before open_clip's, and in each the format that cannot run code first. */
const forms: readonly Form[] = [
  { config: "config.json", weights: ["model.safetensors", "pytorch_model.bin"] },
  {
    config: "open_clip_config.json",
    weights: ["open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin"],
  },
];

/** Every name that a pull may write; a lock file that lists another is not ours. */
export const pulledNames: readonly string[] = [...descriptions, ...forms.flatMap(({ weights }) => weights)];

export type ChosenFiles = Readonly<{ descriptions: readonly string[]; weights: string }>;

/** Which files of a repository make the model. @throws Error when there is no form that has all it needs. */
export function chooseFiles(files: ReadonlySet<string>): ChosenFiles {
  for (const { config, weights } of forms) {
    const chosen = weights.find((name) => files.has(name));
    if (chosen === undefined || !files.has(config)) continue;
    return { descriptions: descriptions.filter((name) => files.has(name)), weights: chosen };
  }
  throw new Error(`no model here: ${whyNot(files)}`);
}

function whyNot(files: ReadonlySet<string>): string {
  const shards = [...files].find((name) => name.endsWith(".index.json"));
  if (shards !== undefined) return `its weights are in pieces (${shards}), which are not supported`;
  const lacking = forms.map(({ config, weights }) => {
    if (!weights.some((name) => files.has(name))) return weights.join(" or ");
    return `${config} beside its weights`;
  });
  return `it lacks ${lacking.join(", and ")}`;
}
