import { createHash } from "node:crypto";
import { escapeHtml, toInline, toProse } from "./docs-page-html.js";
import { type Placed, toOperationSection } from "./docs-page-operation.js";
import { toFieldTable } from "./docs-page-schema.js";
import { docsStyle } from "./docs-page-style.js";
import type { OpenApiDocument } from "./openapi-operation.js";

/** The page has its own style and its own icon: no script, no form, no frame, nothing from elsewhere. */
export const docsHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "img-src data:",
    `style-src 'sha256-${createHash("sha256").update(docsStyle).digest("base64")}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Without one a browser asks for a file that is not there. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#7c2636"/></svg>';

/** What is asked; everything else in the document is answered. */
const asked: ReadonlySet<string> = new Set(["Request", "Record", "Instances"]);

/** The document as a page for people: plain HTML that works without scripts. */
export function toDocsPage(document: OpenApiDocument): string {
  const { info, components, tags } = document;
  const operations = toOperations(document);
  const schemas = Object.entries(components.schemas);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} API ${escapeHtml(info.version)}</title>
<link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}">
<style>${docsStyle}</style>
</head>
<body>
<div class="layout">
<header>
<h1>${escapeHtml(info.title)} API</h1>
<p class="summary">${toInline(info.summary)}</p>
<p class="mark">Version ${escapeHtml(info.version)}. For programs: <a href="openapi.json">openapi.json</a>, OpenAPI 3.1.</p>
</header>
<nav aria-label="Contents">
${tags.map(({ name, description }) => toNavigation(description, operations.filter(isTagged(name)))).join("\n")}
<h2>Shapes</h2>
<ul>${schemas.map(([name]) => `<li><a href="#schema-${name}">${name}</a></li>`).join("")}</ul>
</nav>
<main>
${toProse(info.description)}
<p>Every failure has one shape: <a href="#schema-Error">Error</a>.</p>
${toElsewhere(components.responses)}
${operations.map(toOperationSection).join("\n")}
${schemas.map(([name, schema]) => toSchemaSection(name, schema)).join("\n")}
</main>
</div>
</body>
</html>
`;
}

function toOperations({ paths }: OpenApiDocument): readonly Placed[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
  );
}

function isTagged(tag: string): (placed: Placed) => boolean {
  return ({ operation }) => operation.tags.includes(tag);
}

function toNavigation(title: string, operations: readonly Placed[]): string {
  const links = operations.map(
    ({ path, operation }) => `<li><a href="#${operation.operationId}"><code>${escapeHtml(path)}</code></a></li>`,
  );
  return `<h2>${toInline(title)}</h2>\n<ul>${links.join("")}</ul>`;
}

/** What is answered where there is no operation. */
function toElsewhere(responses: OpenApiDocument["components"]["responses"]): string {
  const entries = Object.values(responses).map(({ description }) => `<li>${toInline(description)}</li>`);
  return `<ul>${entries.join("")}</ul>`;
}

function toSchemaSection(name: string, schema: OpenApiDocument["components"]["schemas"][string]): string {
  const said = schema.description === undefined ? "" : toProse(schema.description);
  return `<section id="schema-${name}">\n<h2>${name}</h2>\n${said}\n${toFieldTable(schema, asked.has(name))}\n</section>`;
}
