import type { FakeWorld } from "./fake-aws-world.js";

type Sizes = Readonly<Record<string, readonly [count: number, weight: number]>>;

/** Puts an endpoint in service with these variants, each on instances of its own. */
export function aTwoVariantEndpoint({ configs, endpoints }: FakeWorld, name: string, sizes: Sizes): void {
  const config = `${name}-config`;
  const ProductionVariants = Object.entries(sizes).map(([VariantName, [count, weight]]) => ({
    ...{ VariantName, ModelName: `${name}-${VariantName}`, InstanceType: "ml.c7i.large" },
    ...{ InitialInstanceCount: count, InitialVariantWeight: weight },
  }));
  configs.set(config, { EndpointConfigName: config, ProductionVariants });
  endpoints.set(name, {
    ...{ name, config, wanted: config, status: "InService", reason: null, moments: [], fleets: new Map() },
    arn: `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${name}`,
  });
}
