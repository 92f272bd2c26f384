import type { ImageReference } from "./image-reference.js";

/** A host that pictures may be fetched from, spelled as a URL spells it; the port is "" where it is the protocol's own. */
export type HostRule = Readonly<{
  protocol: "https:" | "http:";
  hostname: string;
  port: string;
  /** Its subdomains, however deep, and not the host itself. */
  isWildcard: boolean;
}>;

/** A folder of a bucket that pictures may be fetched from: "" is the whole bucket, any other one ends in a slash. */
export type S3Rule = Readonly<{ bucket: string; folder: string }>;

/** Protocol, host and port must all be on the list: an allowed host does not allow its other ports, nor plain http. */
export function isAllowedUrl({ protocol, hostname, port }: URL, rules: readonly HostRule[]): boolean {
  return rules.some(
    (rule) =>
      rule.protocol === protocol &&
      rule.port === port &&
      (rule.isWildcard ? hostname.endsWith(`.${rule.hostname}`) : hostname === rule.hostname),
  );
}

/** Whether the object lies in one of the folders. */
export function isAllowedObject(
  { bucket, key }: Extract<ImageReference, { kind: "s3" }>,
  rules: readonly S3Rule[],
): boolean {
  return rules.some((rule) => rule.bucket === bucket && key.startsWith(rule.folder));
}
