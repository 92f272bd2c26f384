import type { Example, Operation } from "./openapi-operation.js";

const usualAddress = "http://localhost:8080";
/** What the commands call the picture that a reader has at hand. */
export const pictureFile = "look.png";

/** A request as a command for a shell; `content` is null where there is no body to send. */
export function toCommand(
  { method, path, operation }: Readonly<{ method: string; path: string; operation: Operation }>,
  content: Readonly<{ type: string; name: string; example: Example }> | null,
): string {
  const address = toAddress(operation) + path;
  if (content === null) return method === "post" ? `curl -X POST ${address}` : `curl ${address}`;
  const headers = [["content-type", content.type] as const, ...namesakes(operation, content.name)];
  const flags = headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`);
  return ["curl", ...flags, toData(content.example), address].join(" \\\n  ");
}

/** The headers that have an example of this name. */
function namesakes({ parameters = [] }: Operation, name: string): readonly (readonly [string, string])[] {
  return parameters.flatMap((parameter) => {
    const example = parameter.examples?.[name];
    return example !== undefined && "value" in example ? [[parameter.name, String(example.value)] as const] : [];
  });
}

/** Beside the service's own address an operation may have a listener with defaults. */
function toAddress({ servers }: Operation): string {
  const [server] = servers ?? [];
  if (server === undefined) return usualAddress;
  return server.url.replace(/\{(\w+)\}/g, (_, name: string) => server.variables?.[name]?.default ?? "");
}

function toData(example: Example): string {
  if (!("value" in example)) return `--data-binary @${pictureFile}`;
  return `--data-binary ${quote(typeof example.value === "string" ? example.value : JSON.stringify(example.value))}`;
}

/** As every shell reads it: between single quotes nothing but themselves means anything. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
