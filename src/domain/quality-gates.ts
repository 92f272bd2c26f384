/** What a catalog can be held to. All values are shares in [0, 1]; `what` completes "... is 0.91". */
export const qualityGates = [
  { name: "min-vote-accuracy", kind: "least", what: "the share of photos whose vote is right" },
  { name: "min-category-recall", kind: "least", what: "the least share of one category's photos whose vote is right" },
  { name: "max-calibration-error", kind: "most", what: "the calibration error of the confidence" },
  { name: "min-index-recall", kind: "least", what: "the share of the ten nearest that the index finds" },
  { name: "min-same-answers", kind: "least", what: "the share of answers that are as by a look at every row" },
  { name: "min-color-accuracy", kind: "least", what: "the share of labeled photos whose color is named right" },
] as const;

export type GateName = (typeof qualityGates)[number]["name"];

/** What was measured; null what could not be. */
export type GateValues = Readonly<Record<GateName, number | null>>;

/** One gate that was asked for, and what came of it. */
export type GateResult = Readonly<{ name: GateName; limit: number; value: number | null; passed: boolean }>;

/** The gates that have a limit, in their order. What was not measured does not pass. Pure. */
export function judgeGates(limits: Readonly<Partial<Record<GateName, number>>>, values: GateValues): GateResult[] {
  return qualityGates.flatMap(({ name, kind }): GateResult[] => {
    const limit = limits[name];
    if (limit === undefined) return [];
    const value = values[name];
    const passed = value !== null && (kind === "least" ? value >= limit : value <= limit);
    return [{ name, limit, value, passed }];
  });
}

/** Why a gate did not pass, in one line. */
export function toGateLine({ name, limit, value }: GateResult): string {
  const { what, kind } = qualityGates.find((gate) => gate.name === name)!;
  if (value === null) return `--${name} ${limit}: ${what} could not be measured`;
  return `--${name} ${limit}: ${what} is ${value}, ${kind === "least" ? "below" : "above"} it`;
}
