import type { Parsed } from "../src/domain/parsed.js";
import { applyEndpoint, type EndpointApplied } from "./apply-endpoint.js";
import { findMade } from "./find-made.js";
import type { PlannedCall, SendCall } from "./planned-call.js";
import { undoAll } from "./undo.js";
import type { WaitParts } from "./wait-endpoint.js";

type Answer = Readonly<Record<string, unknown>>;

/** Where an endpoint is, and the configuration that it goes back to. */
export type Former = Readonly<{ current: string; former: string; isServerless: boolean }>;

/**
 * The configuration to go back to: the one named, else the youngest of this deployment's that the endpoint is not on.
 * @throws the service's error
 */
export async function findFormerConfig(
  send: SendCall,
  endpointName: string,
  wanted: string | null,
): Promise<Parsed<Former>> {
  const { endpoint, configs } = await findMade(send, endpointName);
  if (endpoint === null) return { problems: [`there is no endpoint ${endpointName}`] };
  const current = endpoint.configName;
  if (wanted === current) return { problems: [`${endpointName} is on ${wanted} already`] };
  if (wanted !== null && !configs.includes(wanted)) {
    return {
      problems: [`${wanted} is no configuration of ${endpointName}; there are: ${configs.join(", ") || "none"}`],
    };
  }
  const found: Answer[] = [];
  for (const name of wanted === null ? configs : [wanted]) {
    if (name === current) continue;
    const input = { EndpointConfigName: name };
    found.push(await send({ service: "sagemaker", operation: "DescribeEndpointConfig", input }));
  }
  const madeAt = ({ CreationTime }: Answer) => new Date(CreationTime as string | number | Date).getTime();
  const youngest = found.sort((one, other) => madeAt(other) - madeAt(one))[0];
  if (youngest === undefined) return { problems: [`${endpointName} has no former configuration to go back to`] };
  const variants = (youngest.ProductionVariants ?? []) as readonly Answer[];
  const isServerless = variants.some(({ ServerlessConfig }) => ServerlessConfig !== undefined);
  return { value: { current, former: String(youngest.EndpointConfigName), isServerless } };
}

/** The update that goes back, all at once: what it leaves is broken. A serverless variant has no size to keep. */
export function planRollback(endpointName: string, { former, isServerless }: Former): PlannedCall {
  const retained = isServerless ? {} : { RetainAllVariantProperties: true };
  const input = { EndpointName: endpointName, EndpointConfigName: former, ...retained };
  return { service: "sagemaker", operation: "UpdateEndpoint", input };
}

/**
 * Carries it out and waits until the former configuration serves. Automatic scaling that had to be taken off for it is put
 * on again, whether it succeeds or not.
 * @throws the service's error
 */
export async function rollBack(
  parts: WaitParts & Readonly<{ undoing: WaitParts }>,
  update: PlannedCall,
  { timeoutMs }: Readonly<{ timeoutMs: number }>,
): Promise<EndpointApplied> {
  const kept: PlannedCall[] = [];
  const options = { timeoutMs, keepUndo: (call: PlannedCall) => void kept.push(call) };
  try {
    return await applyEndpoint(parts, { create: update, update }, options);
  } finally {
    const scaling = kept.filter(({ service }) => service === "application-auto-scaling");
    await undoAll(parts.undoing, scaling, { timeoutMs });
  }
}
