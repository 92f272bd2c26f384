import { readFile } from "node:fs/promises";
import type { ClientSettings } from "../../client/client.js";
import { type Client, createEndpointClient, createUrlClient } from "../../client/client.js";
import type { Parsed } from "../domain/parsed.js";

/** A service by its address, or behind the platform. */
export type ServiceTarget =
  | Readonly<{ kind: "url"; url: string }>
  | Readonly<{ kind: "endpoint"; endpointName: string; variant?: string | undefined }>;

/** As the platform allows names; so a name is never taken for an address. */
const namePattern = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/;

/** `http://host:port`, an endpoint's name, or `name:variant`. */
export function parseServiceTarget(text: string): Parsed<ServiceTarget> {
  if (/^https?:\/\//.test(text)) {
    return URL.canParse(text) ? { value: { kind: "url", url: text } } : { problems: [`${text} is no address`] };
  }
  const [endpointName = "", variant, ...more] = text.split(":");
  const areNames = [endpointName, variant ?? "x"].every((name) => namePattern.test(name));
  if (areNames && more.length === 0) return { value: { kind: "endpoint", endpointName, variant } };
  return { problems: [`${JSON.stringify(text)} is neither http://host:port nor an endpoint's name`] };
}

type TargetFlags = Readonly<{ url?: string; endpointName?: string }>;

/** From the two flags; with neither, the endpoint that V4's scripts left in `endpoint_info.json`. */
export async function readServiceTarget({ url, endpointName }: TargetFlags): Promise<Parsed<ServiceTarget>> {
  if (url !== undefined && endpointName !== undefined) return { problems: ["give either --url or --endpoint-name"] };
  const text = url ?? endpointName ?? (await readEndpointInfo());
  if (text === null) return { problems: ["give --url or --endpoint-name"] };
  const target = parseServiceTarget(text);
  if ("problems" in target || (target.value.kind === "url") === (url !== undefined)) return target;
  return {
    problems: [`${JSON.stringify(text)} ${url === undefined ? "is no endpoint's name" : "is no http address"}`],
  };
}

async function readEndpointInfo(): Promise<string | null> {
  try {
    const { endpoint_name } = JSON.parse(await readFile("endpoint_info.json", "utf8"));
    return typeof endpoint_name === "string" ? endpoint_name : null;
  } catch {
    // No such file, or somebody else's: then nothing was named.
    return null;
  }
}

/** How a person would name it. */
export function toTargetName(target: ServiceTarget): string {
  if (target.kind === "url") return target.url;
  return target.variant === undefined ? target.endpointName : `${target.endpointName}:${target.variant}`;
}

/** @throws Error when no region is named anywhere */
export async function openClient(
  target: ServiceTarget,
  { region, ...settings }: ClientSettings & Readonly<{ region?: string | undefined }>,
): Promise<Client> {
  if (target.kind === "url") return createUrlClient({ url: target.url, ...settings });
  const { endpointName, variant } = target;
  return createEndpointClient({ endpointName, variant, region, ...settings });
}
