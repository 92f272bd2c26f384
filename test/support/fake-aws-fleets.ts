import { AwsError } from "./fake-aws-error.js";

type Input = Readonly<Record<string, unknown>>;
type Size = Readonly<{ count: number | undefined; weight: number }>;

/** How large a variant is and what share of the traffic it has, now and soon. */
export type Fleet = Readonly<{ current: Size; desired: Size }>;

/** An endpoint's fleets by variant; those that were never changed are as the configuration says. */
export function fleetsOf(fleets: ReadonlyMap<string, Fleet>, config: Input | undefined): ReadonlyMap<string, Fleet> {
  const variants = (config?.ProductionVariants ?? []) as readonly Input[];
  return new Map(
    variants.map(({ VariantName, InitialInstanceCount, InitialVariantWeight }) => {
      const name = String(VariantName);
      const first: Size = {
        count: InitialInstanceCount as number | undefined,
        weight: Number(InitialVariantWeight ?? 1),
      };
      return [name, fleets.get(name) ?? { current: first, desired: first }];
    }),
  );
}

/** Weights are 32-bit floats, and come back as such. */
export function toSummary(name: string, { current, desired }: Fleet, variant: Input | undefined): Input {
  return {
    VariantName: name,
    ...(current.count === undefined ? {} : { CurrentInstanceCount: current.count }),
    ...(desired.count === undefined ? {} : { DesiredInstanceCount: desired.count }),
    CurrentWeight: Math.fround(current.weight),
    DesiredWeight: Math.fround(desired.weight),
    ...(variant?.ServerlessConfig === undefined ? {} : { CurrentServerlessConfig: variant.ServerlessConfig }),
  };
}

/** What an endpoint's fleets are to become. @throws AwsError for a variant that is not there */
export function wantFleets(fleets: ReadonlyMap<string, Fleet>, wanted: readonly Input[]): ReadonlyMap<string, Fleet> {
  const changed = new Map(fleets);
  for (const { VariantName, DesiredWeight, DesiredInstanceCount } of wanted) {
    const fleet = fleets.get(String(VariantName));
    if (fleet === undefined) throw new AwsError("ValidationException", `Variant "${VariantName}" is not there.`);
    // As moto does: what is left out is lost.
    const desired = { count: DesiredInstanceCount as number | undefined, weight: Number(DesiredWeight) };
    changed.set(String(VariantName), { ...fleet, desired });
  }
  return changed;
}
