import { type VariableParser, wholeNumber } from "./config-parsers.js";
import { setting } from "./config-setting.js";
import type { HostRule, S3Rule } from "./domain/image-reference-rules.js";

/**
 * Hosts with commas between them: `host`, `host:port`, `*.domain`; `https` unless `http://` stands in front. URLs'
 * own rules spell them out, so that `BÜCHER.example` and `xn--bcher-kva.example` are one host here and in a request.
 */
export const hostRules: VariableParser<readonly HostRule[]> = (text) => {
  const rules = entriesOf(text).map(toHostRule);
  if (rules.every((rule) => rule !== null)) return { value: rules };
  return { must: "hosts such as cdn.example.com, *.example.com, cdn.example.com:8443 or http://cdn.example.com" };
};

/** Buckets or folders of them, with commas between: `bucket`, `bucket/folder`. */
export const s3Rules: VariableParser<readonly S3Rule[]> = (text) => {
  const rules = entriesOf(text).map(toS3Rule);
  if (rules.every((rule) => rule !== null)) return { value: rules };
  return { must: "buckets or folders such as my-bucket/photos, without s3:// in front" };
};

function entriesOf(text: string): readonly string[] {
  return text.split(",").map((entry) => entry.trim());
}

function toHostRule(entry: string): HostRule | null {
  const [, scheme = "https://", wildcard, authority] = /^(https?:\/\/)?(\*\.)?([^\s/\\?#@*]+)$/i.exec(entry) ?? [];
  if (authority === undefined || !URL.canParse(`${scheme}${authority}`)) return null;
  const { protocol, hostname, port } = new URL(`${scheme}${authority}`);
  // "*.com" would be everybody; "host." is another spelling of a name, which no request has a use for.
  if (!/^[\w.-]+$|^\[/.test(hostname)) return null;
  const isTooWide = wildcard !== undefined && (!hostname.includes(".") || /^[\d.]+$|^\[/.test(hostname));
  if (isTooWide || hostname.endsWith(".") || (protocol !== "https:" && protocol !== "http:")) return null;
  return { protocol, hostname, port, isWildcard: wildcard !== undefined };
}

function toS3Rule(entry: string): S3Rule | null {
  const [, bucket, folder = ""] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(entry) ?? [];
  const parts = folder.replace(/\/$/, "").split("/");
  if (bucket === undefined || (folder !== "" && parts.some((part) => part === "" || part === "." || part === ".."))) {
    return null;
  }
  return { bucket, folder: folder === "" ? "" : `${parts.join("/")}/` };
}

const mebibyte = 1024 * 1024;

/** What may be fetched on a caller's word, and what that may cost. */
export const referenceSettings = {
  allowedS3Prefixes: setting<readonly S3Rule[] | null>({
    variables: ["STYGIG_ALLOWED_S3_PREFIXES"],
    parse: s3Rules,
    usual: null,
    unit: null,
    help: "Buckets or folders of them that image_s3_uri may name, such as my-bucket/photos, with commas between; without it none.",
  }),
  allowedImageHosts: setting<readonly HostRule[] | null>({
    variables: ["STYGIG_ALLOWED_IMAGE_HOSTS"],
    parse: hostRules,
    usual: null,
    unit: null,
    help: "Public hosts that image_url may name, such as cdn.example.com, *.example.com, a.example:8443 or http://a.example, with commas between; without it none.",
  }),
  maxReferenceBytes: setting({
    variables: ["STYGIG_MAX_REFERENCE_BYTES"],
    parse: wholeNumber({ min: 1024, max: 1024 * mebibyte }),
    // As large as a real-time endpoint's largest body.
    usual: 25 * mebibyte,
    unit: "bytes",
    help: "Largest picture that is fetched; at most eight times that is held at once.",
  }),
  referenceTimeoutMs: setting({
    variables: ["STYGIG_REFERENCE_TIMEOUT_MS"],
    parse: wholeNumber({ min: 10, max: 3_600_000 }),
    // Room for a slow host and its picture, well inside the platform's minute.
    usual: 10_000,
    unit: "ms",
    help: "How long fetching a picture may take, within the request's own time.",
  }),
} as const;
