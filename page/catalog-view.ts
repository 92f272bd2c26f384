import { askCatalog } from "./ask.js";
import { showCategories } from "./controls.js";
import { drawShelf } from "./draw-catalog.js";
import { byId } from "./element.js";
import { sentenceFor } from "./error-sentences.js";
import type { ShownItem } from "./reply.js";
import { addPart, changeFilter, emptyShelf, hasMore, type Shelf, toQuery } from "./shelf.js";
import { openWhyDialog, type Shown } from "./why-dialog.js";

/** The view of the catalog. `outfit` tells what is shown, or null. */
export function openCatalogView(
  outfit: () => Shown | null,
): Readonly<{ show: () => void; find: (id: string) => ShownItem | undefined }> {
  const places = {
    shelf: byId("shelf", HTMLElement),
    count: byId("shelf-count", HTMLElement),
    more: byId("shelf-more", HTMLButtonElement),
    filter: byId("filter", HTMLFormElement),
  };
  let shelf: Shelf = emptyShelf;
  const explain = openWhyDialog();

  async function load(): Promise<void> {
    const { asked } = shelf;
    const part = await askCatalog(toQuery(shelf));
    // Another filter was chosen meanwhile: what became of this one does not matter.
    if (asked !== shelf.asked) return;
    if (typeof part === "string") places.count.textContent = sentenceFor(part);
    else {
      shelf = addPart(shelf, asked, part);
      showCategories(byId("filter-category", HTMLSelectElement), part.categories);
      show();
    }
  }

  function show(): void {
    if (shelf.total === null) return;
    places.shelf.replaceChildren(...drawShelf(shelf.items, outfit() !== null));
    const isEmpty = shelf.total === 0;
    places.count.textContent = isEmpty
      ? "Nothing in the catalog is like that."
      : `${shelf.items.length} of ${shelf.total}`;
    places.more.hidden = !hasMore(shelf);
  }

  places.more.addEventListener("click", () => void load());
  places.filter.addEventListener("change", () => {
    const data = new FormData(places.filter);
    const read = (name: string) => String(data.get(name) ?? "");
    shelf = changeFilter(shelf, { category: read("category"), gender: read("gender"), color: read("color") });
    void load();
  });
  places.shelf.addEventListener("click", ({ target }) => {
    const id = target instanceof Element ? target.closest<HTMLElement>("[data-why]")?.dataset.why : undefined;
    const item = shelf.items.find(({ item_id }) => item_id === id);
    const shown = outfit();
    if (item !== undefined && shown !== null) explain(item, shown);
  });
  return {
    show: () => {
      if (shelf.total === null) void load();
      else show();
    },
    find: (id) => shelf.items.find(({ item_id }) => item_id === id),
  };
}
