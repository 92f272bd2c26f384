import { drawPicture, drawSwatches } from "./draw-picture.js";
import { element } from "./element.js";
import type { Reply, ShownItem } from "./reply.js";
import type { Garment } from "./state.js";
import { itemName } from "./words.js";

/** The garment in question, large, with the colors that were found in it. */
export function drawGarment(garment: Garment, reply: Reply | null): readonly Node[] {
  const name = garment.kind === "file" ? garment.name : itemName(garment.item);
  const picture =
    garment.kind === "item"
      ? drawPicture(garment.item, garment.item.palette[0]?.rgb ?? null, "")
      : element("span", { class: "picture" }, element("img", { src: garment.url, alt: "" }));
  const palette = reply?.query_item.palette ?? [];
  return [
    picture,
    element(
      "figcaption",
      {},
      element("span", { class: "garment-name" }, name),
      palette.length === 0 ? null : drawSwatches(palette, "Its colors, largest share first"),
    ),
  ];
}

/** Pieces to begin with. */
export function drawSamples(items: readonly ShownItem[]): readonly Node[] {
  return items.map((item, order) =>
    element(
      "li",
      { "--order": order },
      element(
        "button",
        { type: "button", class: "sample", "data-item": item.item_id },
        drawPicture(item, item.palette[0]?.rgb ?? null, ""),
        element("span", { class: "sample-name" }, itemName(item)),
      ),
    ),
  );
}
