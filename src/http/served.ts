import type { CatalogItem } from "../domain/catalog.js";
import type { Recommend, ServedFacts } from "../pipeline.js";

/** What the routes serve from once it is loaded. */
export type Served = Readonly<{
  recommend: Recommend;
  facts: ServedFacts;
  items: readonly CatalogItem[];
  /** Why nothing can be answered right now, one sentence each; empty when all is well. */
  problems: () => readonly string[];
}>;
