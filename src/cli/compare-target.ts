import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { toArtifactPath } from "../../catalog/replace-artifact.js";
import { readArtifactManifest } from "../adapters/artifact-words.js";
import { readEncoderFiles } from "../adapters/encoder-files.js";
import { withHeld } from "../adapters/generation-hold.js";
import { readRules } from "../adapters/rules-file.js";
import { settings } from "../config.js";
import type { Parsed } from "../domain/parsed.js";
import { type ArtifactChange, findFittingEncoder } from "./changed-artifact.js";
import type { Evaluation } from "./evaluate-artifact.js";

/** What an artifact's answers are held beside. */
export type CompareTarget =
  /** Its own by V4. */
  | Readonly<{ kind: "profile"; name: string }>
  /** Those of another artifact, or, without a folder, of the same one by another precision. */
  | Readonly<{ kind: "artifact"; name: string; folder: string | null; precision: Evaluation["precision"] }>
  /** Those of the same artifact with a change. */
  | Readonly<{ kind: "changed"; name: string; precision: Evaluation["precision"]; change: ArtifactChange }>;

const precisions = ["fp32", "fp16", "int8"] as const satisfies readonly Evaluation["precision"][];
const rulesPrefix = "rules:";

/**
 * `v4`, a precision, `rules:NAME` or `rules:FILE`, or a folder of either kind, which may say a precision behind a colon:
 * `encoder:int8`. A folder of such a name is written `./v4`. Or why it is none of them.
 */
export async function readCompareTarget(text: string, images: string | null): Promise<Parsed<CompareTarget>> {
  if (text === "v4") return { value: { kind: "profile", name: "v4" } };
  const usual = settings.precision.usual;
  if (text.startsWith(rulesPrefix)) {
    const parsed = await readRules(text.slice(rulesPrefix.length));
    if ("problems" in parsed) return { problems: [`--compare: ${parsed.problems.join(" ")}`] };
    return { value: { kind: "changed", name: text, precision: usual, change: { kind: "rules", rules: parsed.value } } };
  }
  const own = precisions.find((precision) => precision === text);
  if (own !== undefined) return { value: { kind: "artifact", name: own, folder: null, precision: own } };
  const behind = precisions.find((precision) => text.endsWith(`:${precision}`) && !existsSync(text));
  const folder = behind === undefined ? text : text.slice(0, -behind.length - 1);
  const shared = {
    name: behind === undefined ? toName(folder) : `${toName(folder)}:${behind}`,
    precision: behind ?? usual,
  };
  // An artifact has an encoder within; an encoder folder has no manifest of that name.
  if (existsSync(join(await toArtifactPath(folder), "manifest.json")))
    return { value: { kind: "artifact", folder, ...shared } };
  if (existsSync(join(folder, "encoder.json"))) {
    return { value: { kind: "changed", change: { kind: "encoder", folder, images }, ...shared } };
  }
  const known = `v4, ${precisions.join(", ")}, rules:NAME, or the folder of an artifact or an encoder`;
  return { problems: [`--compare: ${text} is none of ${known}`] };
}

/** @throws Error in one line when the target is not fit to answer beside the artifact */
export async function requireComparable(target: CompareTarget, artifact: string): Promise<void> {
  if (target.kind === "profile") return;
  const encoderFolder = await findEncoder(target, artifact);
  if (target.precision === "auto") return;
  const { models } = await readEncoderFiles(encoderFolder);
  if (models.some(({ model }) => model.precision === target.precision)) return;
  throw new Error(`--compare: ${encoderFolder} has no ${target.precision} model`);
}

async function findEncoder(target: Exclude<CompareTarget, { kind: "profile" }>, artifact: string): Promise<string> {
  if (target.kind === "artifact") return join(target.folder ?? artifact, "encoder");
  if (target.change.kind === "rules") return join(artifact, "encoder");
  const { manifest } = await readArtifactManifest(artifact);
  await findFittingEncoder(manifest, target.change);
  return target.change.folder;
}

/**
 * Hands `use` the target with another artifact held: of a store of generations the current one, which stays until then.
 */
export async function withHeldTarget<T>(
  target: CompareTarget | null,
  use: (target: CompareTarget | null) => Promise<T>,
): Promise<T> {
  if (target?.kind !== "artifact" || target.folder === null) return use(target);
  return withHeld(await toArtifactPath(target.folder), (folder) => use({ ...target, folder }));
}

/** A folder's own name, also of `.` and `..`. */
export function toName(folder: string): string {
  return basename(resolve(folder));
}
