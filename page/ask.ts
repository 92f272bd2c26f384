import type { Question } from "./question.js";
import { type CatalogPart, isCatalogPart, isReply, readRefusal } from "./reply.js";
import type { Answer } from "./state.js";

/** Asks the server. Never throws but for the signal's reason: what goes wrong is an answer, too. */
export async function ask(question: Question, file: Blob | null, signal: AbortSignal): Promise<Answer> {
  const startedAt = performance.now();
  const body = question.json ?? file;
  const sent = await send("/invocations", { method: "POST", headers: question.headers, body, signal });
  if (sent === null) return { kind: "refused", code: "unreachable", reason: null };
  const roundTripMs = performance.now() - startedAt;
  if (sent.ok && isReply(sent.value)) return { kind: "shown", reply: sent.value, roundTripMs };
  const refusal = readRefusal(sent.value);
  return { kind: "refused", ...(refusal ?? { code: "unreadable", reason: null }) };
}

/** Part of the catalog, or the code of what went wrong. */
export async function askCatalog(query: string): Promise<CatalogPart | string> {
  const sent = await send(`/catalog/items?${query}`, {});
  if (sent === null) return "unreachable";
  if (sent.ok && isCatalogPart(sent.value)) return sent.value;
  return readRefusal(sent.value)?.code ?? "unreadable";
}

/** What a route answers as text, or the code of what went wrong. */
export async function askText(path: string): Promise<Readonly<{ text: string }> | Readonly<{ code: string }>> {
  const sent = await send(path, {});
  if (sent === null) return { code: "unreachable" };
  return sent.ok ? { text: sent.text } : { code: readRefusal(sent.value)?.code ?? "unreadable" };
}

type Sent = Readonly<{ ok: boolean; text: string; value: unknown }>;

/** Null when there was no answer at all. */
async function send(path: string, options: RequestInit): Promise<Sent | null> {
  try {
    const response = await fetch(path, options);
    const text = await response.text();
    return { ok: response.ok, text, value: parseJson(text) };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return null;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
