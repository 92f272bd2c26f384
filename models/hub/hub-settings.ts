import type { Parsed } from "../../src/domain/parsed.js";

/** Which hub to ask, and as whom. `endpoint` has no slash at its end; it may have a path, as mirrors do. */
export type HubSettings = Readonly<{ endpoint: string; token: string | null }>;

const usualEndpoint = "https://huggingface.co";

/** `HF_ENDPOINT` and `HF_TOKEN`; blank counts as unset. No problem ever repeats the token. Never throws. */
export function parseHubSettings(env: Readonly<Record<string, string | undefined>>): Parsed<HubSettings> {
  const endpoint = parseEndpoint(env.HF_ENDPOINT?.trim() || usualEndpoint);
  if ("problem" in endpoint) return { problems: [endpoint.problem] };
  const token = env.HF_TOKEN?.trim() || null;
  // A line break in a header would be repeated, token and all, in the error of the HTTP client.
  if (token !== null && !/^[\x21-\x7e]{8,512}$/.test(token)) {
    return { problems: ["HF_TOKEN is no token: 8 to 512 printable characters without blanks are"] };
  }
  if (token !== null && endpoint.url.protocol === "http:" && !isThisMachine(endpoint.url)) {
    const advice = "use https or unset HF_TOKEN";
    return { problems: [`HF_ENDPOINT is plain http, so HF_TOKEN would be readable on its way: ${advice}`] };
  }
  return { value: { endpoint: endpoint.url.href.replace(/\/+$/, ""), token } };
}

/** The text without the token, as it is and as it would be in a URL. */
export function hideToken(text: string, token: string | null): string {
  if (token === null) return text;
  return text.replaceAll(token, "<HF_TOKEN>").replaceAll(encodeURIComponent(token), "<HF_TOKEN>");
}

/** The value may hold a password, so no problem repeats it. */
function parseEndpoint(text: string): Readonly<{ url: URL }> | Readonly<{ problem: string }> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    return { problem: "HF_ENDPOINT is no http or https address" };
  }
  if (url.username !== "" || url.password !== "") return { problem: "HF_ENDPOINT must not hold a user or password" };
  if (url.search !== "" || url.hash !== "") return { problem: "HF_ENDPOINT must end with its path" };
  return { url };
}

function isThisMachine({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
