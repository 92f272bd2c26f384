import { escapeHtml } from "../http/docs-page-html.js";

export const percent = (share: number | null) => (share === null ? "–" : `${(share * 100).toFixed(1)}&nbsp;%`);

/** A category that may be broken after each of its words. */
export const toCategoryName = (category: string) => escapeHtml(category).replaceAll("_", "_<wbr>");

/** A section of the page that a link leads to. */
export function toSection(id: string, title: string, words: string, content: string): string {
  return `<section id="${id}"><h2>${title}</h2><p class="lead">${words}</p>${content}</section>`;
}

/** A table whose first column names the row; `name` says of what it is. Cells are HTML. */
export function toTable(name: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map(([row, ...cells]) => {
    return `<tr><th scope="row">${row}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  const columns = head.map((each) => `<th scope="col">${each}</th>`).join("");
  return `<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table><thead><tr>${columns}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}
