import type { FakeSample } from "./fake-aws-metrics.js";

type Published = Readonly<Record<string, readonly number[]>>;

/** What SageMaker publishes of a variant's requests, in its own units, so many minutes before. */
export function requestSamples(endpointName: string, variant: string, published: Published, atMs: number) {
  return samples("AWS/SageMaker", { EndpointName: endpointName, VariantName: variant }, published, atMs);
}

/** The same of the machines that a variant runs on. */
export function machineSamples(endpointName: string, variant: string, published: Published, atMs: number) {
  return samples("/aws/sagemaker/Endpoints", { EndpointName: endpointName, VariantName: variant }, published, atMs);
}

/** The same of an async endpoint's queue. */
export function queueSamples(endpointName: string, published: Published, atMs: number) {
  return samples("AWS/SageMaker", { EndpointName: endpointName }, published, atMs);
}

function samples(
  namespace: string,
  dimensions: Readonly<Record<string, string>>,
  published: Published,
  atMs: number,
): readonly FakeSample[] {
  return Object.entries(published).map(([name, values]) => ({ namespace, name, dimensions, atMs, values }));
}
