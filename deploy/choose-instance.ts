import type { Parsed } from "../src/domain/parsed.js";
import type { Flags } from "./spec-flags.js";

/** An instance type for a deployment, and why that one. `requestsPerSecond` is what one instance bears, if that is known. */
export type InstanceChoice = Readonly<{
  instanceType: string;
  instanceCount: number;
  requestsPerSecond: number | null;
  basis: "measured" | "estimated";
  reason: string;
  /** What to know before relying on it. */
  warnings: readonly string[];
}>;

/** What `--instance-type auto` is told of the demand; beside a named type they would mean nothing. */
export const demandFlags = ["rps", "p95-ms", "gpu", "budget-usd", "headroom", "precision", "force"] as const;

/** Chooses where `--instance-type auto` leaves it open, by whatever flags say of the demand; or says why it cannot. */
export type ChooseInstance = (mode: "sync" | "async" | "batch", flags: Flags) => Parsed<InstanceChoice>;
