import Table from "cli-table3";
import type { EndpointState, VariantState } from "../../deploy/endpoint-state.js";

/** An endpoint's variants for the eye: machines, counts, weights, and what scales them. */
export function toVariantTable({ variants }: Pick<EndpointState, "variants">): string {
  if (variants.length === 0) return "no variant yet";
  const total = variants.reduce((sum, { currentWeight }) => sum + (currentWeight ?? 0), 0);
  const head = ["variant", "runs on", "instances", "weight", "traffic", "scaling"];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const variant of variants) {
    const { name, currentCount, desiredCount, currentWeight, desiredWeight } = variant;
    table.push([
      name,
      toMachine(variant),
      variant.serverless === null ? toChange(currentCount, desiredCount) : "-",
      toChange(currentWeight, desiredWeight),
      currentWeight === null || total === 0 ? "-" : `${((100 * currentWeight) / total).toFixed(1)} %`,
      toScaling(variant),
    ]);
  }
  return table.toString();
}

function toMachine({ instanceType, serverless }: VariantState): string {
  if (serverless === null) return instanceType ?? "unknown";
  const { memoryMb, maxConcurrency, provisionedConcurrency: warm } = serverless;
  return `${memoryMb} MB, ${maxConcurrency} at once${warm === null ? "" : `, ${warm} kept warm`}`;
}

/** `2`, or `1, soon 2`. Weights come as 32-bit floats. */
function toChange(current: number | null, desired: number | null): string {
  const [now, soon] = [current, desired].map((value) =>
    value === null ? "unknown" : `${Number(value.toPrecision(7))}`,
  );
  return now === soon ? now! : `${now}, soon ${soon}`;
}

function toScaling({ scaling }: VariantState): string {
  if (scaling === null) return "none";
  const { min, max, policies } = scaling;
  const names = policies.length === 0 ? "no policy" : policies.map(({ name }) => name).join("\n");
  return `${min} to ${max}\n${names}`;
}
