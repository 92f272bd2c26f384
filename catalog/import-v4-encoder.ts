import { type EncoderFiles, type ModelOnDisk, readEncoderFiles } from "../src/adapters/encoder-files.js";
import type { V4Model } from "./import-v4-files.js";

/** Two implementations of one model agree to 0.99 and better; with another activation or checkpoint they do not. */
const minMedianCosine = 0.95;

/** An encoder, and the model of it that stands for the one that made the vectors. */
export type V4Encoder = Readonly<{ files: EncoderFiles; model: ModelOnDisk }>;

/** V4 made its vectors in float32, so the fp32 model stands for them. @throws Error with one line */
export async function requireEncoder(
  folder: string | null,
  dimension: number,
  { name, weights }: V4Model,
): Promise<V4Encoder> {
  const wanted = `the model that made the vectors, ${name} of ${weights}`;
  if (folder === null) throw new Error(`the encoder is missing: ${wanted}`);
  const files = await readEncoderFiles(folder);
  const { output } = files.manifest;
  if (output.dimension !== dimension) {
    throw new Error(
      `V4's vectors have ${dimension} values, those of the encoder ${files.manifest.name} ${output.dimension}: ` +
        `it must be ${wanted}, as \`stygig model convert\` makes it`,
    );
  }
  const model = files.models.find((each) => each.model.precision === "fp32");
  if (model === undefined) throw new Error(`${folder} has no fp32 model, as which V4's vectors were made`);
  return { files, model };
}

/** Vectors of two models do not belong together, and nothing in them says so. @throws Error with one line */
export function requireAgreement(cosines: readonly number[], { manifest }: EncoderFiles, { name, weights }: V4Model) {
  if (cosines.length === 0) return null;
  const medianCosine = cosines.toSorted((one, other) => one - other)[Math.floor(cosines.length / 2)]!;
  if (medianCosine >= minMedianCosine) return { pictures: cosines.length, medianCosine };
  throw new Error(
    `the encoder ${manifest.name} did not make V4's vectors: its own of ${cosines.length} of the pictures agree with ` +
      `them to a median cosine of ${medianCosine.toFixed(3)}; it must be ${name} of ${weights}, and --images V4's pictures`,
  );
}
