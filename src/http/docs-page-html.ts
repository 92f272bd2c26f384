/** Text as HTML shows it, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The little of CommonMark that the document's descriptions use: what stands in backticks is code. */
export function toInline(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** The same in paragraphs, which blank lines part. */
export function toProse(text: string): string {
  return text
    .split("\n\n")
    .map((paragraph) => `<p>${toInline(paragraph)}</p>`)
    .join("\n");
}
