import { createHash } from "node:crypto";

/** Most characters that SageMaker's names have. */
export const maxNameLength = 63;
const digestLength = 8;

/**
 * `<base>-<8 hexadecimal digits>`: the digits are a digest of the content, so that equal content has one name and other
 * content another, and an older object stays for going back. A long base is cut to make room; the digest is of all of it.
 */
export function toHashedName(base: string, content: unknown): string {
  const digest = createHash("sha256")
    .update(canonicalJson([base, content]))
    .digest("hex")
    .slice(0, digestLength);
  const room = maxNameLength - digestLength - 1;
  return `${base.slice(0, room).replace(/-+$/, "")}-${digest}`;
}

/** JSON with each object's keys in order; members that are `undefined` are left out, as on the wire. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => {
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** An alarm of an endpoint. No endpoint's name has a slash, so `stygig/<endpoint>/` is the prefix of its alarms alone. */
export function toAlarmName(endpointName: string, purpose: string): string {
  return `stygig/${endpointName}/${purpose}`;
}

/** Where the platform writes what the endpoint's containers print. */
export function toLogGroupName(endpointName: string): string {
  return `/aws/sagemaker/Endpoints/${endpointName}`;
}

/** What Application Auto Scaling calls a variant. */
export function toScalableResourceId(endpointName: string, variantName: string): string {
  return `endpoint/${endpointName}/variant/${variantName}`;
}
