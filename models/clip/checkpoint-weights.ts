import type { Checkpoint, CheckpointTensor } from "../checkpoint/checkpoint.js";
import { transpose } from "../quantize/quantize-weights.js";
import { huggingFaceNames, type NamingScheme, openClipNames, type Place } from "./naming-scheme.js";
import type { VisionConfig } from "./vision-config.js";
import { shapeOf, type VisionWeights, type WeightName, weightNames } from "./vision-weights.js";

/** Longer lists of tensors help nobody. */
const mostNamed = 5;

/** The scheme of a checkpoint. @throws Error that names some of its tensors when it is neither. */
export function findNamingScheme({ tensors }: Checkpoint): NamingScheme {
  const scheme = [huggingFaceNames, openClipNames].find(({ landmark }) => tensors.has(landmark));
  if (scheme !== undefined) return scheme;
  const some = [...tensors.keys()].slice(0, mostNamed).join(", ");
  throw new Error(`it holds no CLIP vision transformer by the names of Hugging Face or open_clip; it holds ${some}`);
}

/**
 * The vision transformer in a checkpoint, read tensor by tensor.
 * @throws Error with one line a problem: tensors that are missing, of another shape, or that we do not know, by name.
 */
export function openCheckpointWeights(
  { tensors }: Checkpoint,
  scheme: NamingScheme,
  config: VisionConfig,
): VisionWeights {
  const names = weightNames(config);
  const problems = [
    ...names.flatMap((name) => weightProblems(tensors, scheme.place(name), shapeOf(config, name))),
    ...unknownTensors(tensors, scheme, names),
  ];
  if (problems.length > 0) throw new Error([...new Set(problems)].join("\n"));
  return {
    config,
    read: async (name) => {
      const { tensor, part, turned } = scheme.place(name);
      const values = await tensors.get(tensor)!.read();
      requireFinite(tensor, values);
      if (turned) return transpose(values, values.length / shapeOf(config, name)[0]!);
      if (part === undefined) return values;
      const length = values.length / part.of;
      return values.slice(part.index * length, (part.index + 1) * length);
    },
  };
}

type Tensors = ReadonlyMap<string, CheckpointTensor>;

function weightProblems(
  tensors: Tensors,
  { tensor, part, turned }: Place,
  shape: readonly number[],
): readonly string[] {
  const found = tensors.get(tensor);
  if (found === undefined) return [`tensor ${tensor} is missing`];
  const [first = 0, ...rest] = turned ? [...shape].reverse() : shape;
  const wanted = [first * (part?.of ?? 1), ...rest];
  if (found.shape.join() === wanted.join()) return [];
  return [`tensor ${tensor} is [${found.shape}], and the configuration says [${wanted}]`];
}

/** What is neither used nor known may change what the model computes, so that ignoring it would be a guess. */
function unknownTensors(tensors: Tensors, scheme: NamingScheme, names: readonly WeightName[]): readonly string[] {
  const used = new Set(names.map((name) => scheme.place(name).tensor));
  const unknown = [...tensors.keys()].filter((tensor) => !used.has(tensor) && !scheme.isPassedOver(tensor));
  const more = unknown.length > mostNamed ? [`and ${unknown.length - mostNamed} more tensors like it`] : [];
  return [
    ...unknown.slice(0, mostNamed).map((tensor) => `tensor ${tensor} is not part of a CLIP model as we know it`),
    ...more,
  ];
}

function requireFinite(tensor: string, values: Float32Array): void {
  for (let at = 0; at < values.length; at++) {
    if (!Number.isFinite(values[at])) throw new Error(`tensor ${tensor} holds ${values[at]} at place ${at}`);
  }
}
