import type { Parsed } from "../../src/domain/parsed.js";
import type { ChooseInstance } from "../choose-instance.js";
import type { Flags } from "../spec-flags.js";
import { chooseInstance, type InstanceChoice, type InstanceDemand } from "./choose-instance.js";
import { type DemandFlags, parseDemand } from "./demand.js";
import type { Measurement } from "./measurement.js";

/** What a deployment that says nothing of its demand is planned for; the guide's own limit for scaling up. */
const usualRps = "1";
const usualP95Ms = "200";

/** Flags of `deploy` that say what is wanted, and what the demand calls them. */
const names: Readonly<Record<string, keyof DemandFlags>> = {
  rps: "rps",
  "p95-ms": "p95Ms",
  gpu: "gpu",
  "budget-usd": "budgetUsd",
  headroom: "headroom",
  region: "region",
  precision: "precision",
  "image-arch": "architecture",
};

/**
 * `--instance-type auto`: the planner's choice for what the flags ask, one look a second within 200 ms where they do not.
 * With `--force` what misses budget or target is taken all the same, and the reason says so. `region` is the flag's stand-in.
 */
export function createChooseInstance(
  measurements: readonly Measurement[],
  region: string | undefined,
): (...args: Parameters<ChooseInstance>) => Parsed<InstanceChoice> {
  return (mode, flags) => {
    const given = demandFlagsOf(flags);
    const usual: DemandFlags = { rps: usualRps, ...(mode === "sync" ? { p95Ms: usualP95Ms } : {}) };
    const demand = parseDemand({ ...usual, ...(region === undefined ? {} : { region }), ...given, mode });
    if ("problems" in demand) return demand;
    const chosen = chooseInstance({ ...demand.value, mode } as InstanceDemand, measurements);
    if ("choice" in chosen) return { value: chosen.choice };
    const { refusal, nearest } = chosen;
    if (flags.force !== true || nearest === null) {
      return { problems: [`--instance-type auto: ${refusal}${nearest === null ? "" : "; --force takes the nearest"}`] };
    }
    return { value: { ...nearest, reason: `forced, though ${refusal}: ${nearest.reason}` } };
  };
}

function demandFlagsOf(flags: Flags): DemandFlags {
  const given = Object.entries(names).flatMap(([name, field]) => {
    const value = flags[name];
    return typeof value === "string" && value.trim() !== "" ? [[field, value.trim()] as const] : [];
  });
  return Object.fromEntries(given);
}
