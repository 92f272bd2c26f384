import type { VariableParser } from "./config-parsers.js";
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
