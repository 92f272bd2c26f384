import type { VisionConfig } from "./vision-config.js";

/** Wide enough for every published vision transformer (width 1,664 and 48 layers are the largest). */
const limits: Readonly<Record<Exclude<keyof VisionConfig, "activation" | "epsilon">, readonly [number, number]>> = {
  side: [16, 1024],
  patch: [2, 64],
  width: [8, 4096],
  innerWidth: [8, 16_384],
  layers: [1, 64],
  heads: [1, 64],
  dimension: [1, 4096],
};

/** Why a transformer of this shape cannot be built, one sentence each; empty when it can. */
export function shapeProblems(config: VisionConfig): readonly string[] {
  const problems = Object.entries(limits).flatMap(([field, [least, most]]) => {
    const value = config[field as keyof typeof limits];
    if (Number.isInteger(value) && value >= least && value <= most) return [];
    return [`${field} must be a whole number from ${least} to ${most}, not ${value}`];
  });
  if (problems.length > 0) return problems;
  const { side, patch, width, heads, epsilon, activation } = config;
  if (side % patch !== 0) problems.push(`a side of ${side} is not a whole number of patches of ${patch}`);
  if (width % heads !== 0) problems.push(`a width of ${width} is not a whole number of ${heads} heads`);
  if (!(epsilon > 0 && epsilon <= 0.01)) problems.push(`epsilon must be above 0 and at most 0.01, not ${epsilon}`);
  if (activation !== "quick_gelu" && activation !== "gelu") {
    problems.push(`the activation must be quick_gelu or gelu, not ${JSON.stringify(activation)}`);
  }
  return problems;
}
