import { element } from "./element.js";
import { mostPerCategory, type Options } from "./state.js";
import { categoryName } from "./words.js";

/** What the form says. What page.html does not offer cannot be chosen. */
export function readOptions(form: HTMLFormElement): Options {
  const data = new FormData(form);
  const rules = data.get("rules");
  const count = Number(data.get("per_category"));
  return {
    gender: String(data.get("gender") ?? ""),
    category: String(data.get("category") ?? ""),
    perCategory: Math.min(mostPerCategory, Math.max(1, Math.trunc(count) || 1)),
    profile: rules === "v4" ? "v4" : "v5",
    compare: rules === "both",
  };
}

/** Fills a list of categories behind its first entry, which is none; what was chosen stays chosen. */
export function showCategories(select: HTMLSelectElement, categories: Readonly<Record<string, number>>): void {
  const { value } = select;
  const named = Object.keys(categories).map((category) =>
    element("option", { value: category }, categoryName(category)),
  );
  select.replaceChildren(select.options[0]!, ...named);
  select.value = value;
}
