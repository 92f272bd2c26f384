import { toCss } from "./color-wheel.js";
import { element } from "./element.js";
import type { Rgb, ShownItem } from "./reply.js";
import { itemName } from "./words.js";

type Pictured = Readonly<{ item_id: string; title?: string | null | undefined }>;

/** An item's thumbnail on a ground of its color, which stays where the artifact has no pictures. */
export function drawPicture(item: Pictured, color: Rgb | null, alt: string = itemName(item)): HTMLElement {
  const source = `/catalog/thumbnail?id=${encodeURIComponent(item.item_id)}`;
  const image = element("img", { src: source, alt, width: 240, height: 320, loading: "lazy", decoding: "async" });
  // Without a picture its name is read, and its color seen.
  image.addEventListener("error", () => image.classList.add("is-missing"), { once: true });
  return element("span", { class: "picture", "--ground": color === null ? null : toCss(color) }, image);
}

/** Colors as dots, each named by its number for whoever cannot see them. */
export function drawSwatches(palette: ShownItem["palette"], label: string): HTMLElement {
  const dots = palette.map(({ rgb, share }) =>
    element("span", { class: "swatch", "--color": toCss(rgb), "--share": share.toFixed(3), title: toCss(rgb) }),
  );
  return element("span", { class: "swatches", role: "img", "aria-label": label }, ...dots);
}
