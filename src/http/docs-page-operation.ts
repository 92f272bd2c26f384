import { toCommand } from "./docs-page-command.js";
import { escapeHtml, toInline, toProse } from "./docs-page-html.js";
import { toKind } from "./docs-page-schema.js";
import type { Content, Example, Operation, Parameter } from "./openapi-operation.js";

export type Placed = Readonly<{ method: string; path: string; operation: Operation }>;

/** Everything about one operation. */
export function toOperationSection(placed: Placed): string {
  const { operation, method, path } = placed;
  const { operationId, summary, description, parameters, requestBody, responses } = operation;
  return `<section id="${operationId}" class="operation">
<h2><span class="method ${method}">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h2>
<p class="summary">${toInline(summary)}</p>
${toProse(description)}
${(operation.servers ?? []).map(({ url, description: where }) => `<p class="mark">${toInline(where)}: <code>${escapeHtml(url)}</code></p>`).join("")}
${parameters === undefined ? "" : toParameters(parameters)}
${requestBody === undefined ? "" : `<h3>Body</h3>\n${toProse(requestBody.description)}\n${toContentTable(requestBody.content)}`}
<h3>Answers</h3>
${Object.entries(responses)
  .map(([status, answer]) => toAnswerEntry(status, answer))
  .join("\n")}
<h3>Examples</h3>
${toExchanges(placed)}
</section>`;
}

function toParameters(parameters: readonly Parameter[]): string {
  const entries = parameters.map(
    ({ name, description, schema }) =>
      `<dt><code>${escapeHtml(name)}</code> <span class="mark">${toKind(schema)}</span></dt><dd>${toInline(description)}</dd>`,
  );
  return `<h3>Headers</h3>\n<dl>${entries.join("\n")}</dl>`;
}

function toContentTable(content: Content): string {
  const entries = Object.entries(content).map(([type, { schema }]) => {
    const line = schema["x-line-schema"] as typeof schema | undefined;
    const kind = line === undefined ? toKind(schema) : `lines, each ${toKind(line)}`;
    const said = schema.description === undefined || line !== undefined ? "" : ` ${toInline(schema.description)}`;
    return `<li><code>${escapeHtml(type)}</code> <span class="mark">${said === "" ? kind : said}</span></li>`;
  });
  return `<ul class="types">${entries.join("\n")}</ul>`;
}

function toAnswerEntry(status: string, { description, headers = {}, content }: Operation["responses"][string]): string {
  const told = Object.entries(headers).map(
    ([name, header]) => `<p class="mark"><code>${escapeHtml(name)}</code>: ${toInline(header.description)}</p>`,
  );
  // Of failures the codes say everything: all of them have the one shape that the head of the page shows.
  const isFailure = Number(status) >= 400 && content !== undefined && description.startsWith("`");
  const shape = content === undefined || isFailure ? "" : toContentTable(content);
  return `<div class="answer"><h4><span class="status s${status[0]}">${status}</span></h4><div>${toProse(description)}${told.join("")}${shape}</div></div>`;
}

/** Each request that can be shown, with what it is answered; without a body the one request there is. */
function toExchanges(placed: Placed): string {
  const { requestBody, responses } = placed.operation;
  const bodies = Object.entries(requestBody?.content ?? {}).flatMap(([type, { examples = {} }]) =>
    Object.entries(examples).map(([name, example]) => ({ type, name, example })),
  );
  if (requestBody === undefined) {
    const [usual] = answersOf(responses);
    return toExchange({ summary: "The request", command: toCommand(placed, null), answer: usual, isOpen: true });
  }
  return bodies
    .map((body, at) => {
      const answer = answersOf(responses).find(({ name }) => name === body.name);
      const { summary } = body.example;
      return toExchange({ summary, command: toCommand(placed, body), answer, isOpen: at === 0 });
    })
    .join("\n");
}

type ShownAnswer = Readonly<{ status: string; name: string; example: Example }>;

function answersOf(responses: Operation["responses"]): readonly ShownAnswer[] {
  return Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.values(content).flatMap(({ examples = {} }) =>
      Object.entries(examples).map(([name, example]) => ({ status, name, example })),
    ),
  );
}

type Exchange = Readonly<{ summary: string; command: string; answer: ShownAnswer | undefined; isOpen: boolean }>;

function toExchange({ summary, command, answer, isOpen }: Exchange): string {
  const asked = `<pre class="command" tabindex="0"><code>${escapeHtml(command)}</code></pre>`;
  if (answer === undefined) return asked;
  const { status, example } = answer;
  const value = "value" in example ? example.value : "";
  const text = typeof value === "string" ? value : toJsonText(value);
  return `<details${isOpen ? " open" : ""}><summary>${toInline(summary)} <span class="status s${status[0]}">${status}</span></summary>
${asked}
<pre class="reply" tabindex="0"><code>${escapeHtml(text)}</code></pre></details>`;
}

/** In lines for people, the three numbers of a color in one of them. */
function toJsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/\[\n\s+([\d.]+(?:,\n\s+[\d.]+)*)\n\s+\]/g, (_, numbers: string) => {
    return `[${numbers.replace(/\s+/g, " ")}]`;
  });
}
