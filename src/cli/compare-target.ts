import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { settings } from "../config.js";
import type { Parsed } from "../domain/parsed.js";
import type { Evaluation } from "./evaluate-artifact.js";

/** What an artifact's answers are held beside: its own by V4, or those of another artifact, precision or encoder. */
export type CompareTarget =
  | Readonly<{ kind: "profile"; name: string }>
  | (Evaluation & Readonly<{ kind: "artifact"; name: string }>)
  /** The folder is the encoder's; it takes the place of the artifact's own. */
  | (Evaluation & Readonly<{ kind: "encoder"; name: string }>);

type Precision = Evaluation["precision"];

const precisions = ["fp32", "fp16", "int8"] as const satisfies readonly Precision[];

/**
 * `v4`, a precision, or a folder of either kind, which may say a precision behind a colon: `encoder:int8`. A folder of
 * such a name is written `./v4`. Or why it is none of them.
 */
export function readCompareTarget(text: string, artifact: string): Parsed<CompareTarget> {
  if (text === "v4") return { value: { kind: "profile", name: "v4" } };
  const own = precisions.find((precision) => precision === text);
  if (own !== undefined) return { value: { kind: "artifact", name: own, folder: artifact, precision: own } };
  const behind = precisions.find((precision) => text.endsWith(`:${precision}`) && !existsSync(text));
  const folder = behind === undefined ? text : text.slice(0, -behind.length - 1);
  const precision = behind ?? settings.precision.usual;
  const name = behind === undefined ? toName(folder) : `${toName(folder)}:${behind}`;
  // An artifact has an encoder within; an encoder folder has no manifest of that name.
  if (existsSync(join(folder, "manifest.json"))) return { value: { kind: "artifact", name, folder, precision } };
  if (existsSync(join(folder, "encoder.json"))) return { value: { kind: "encoder", name, folder, precision } };
  const known = `v4, ${precisions.join(", ")}, or the folder of an artifact or an encoder`;
  return { problems: [`--compare: ${text} is none of ${known}`] };
}

/** A folder's own name, also of `.` and `..`. */
export function toName(folder: string): string {
  return basename(resolve(folder));
}
