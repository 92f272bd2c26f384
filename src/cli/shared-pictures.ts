import type { CatalogItem } from "../domain/catalog.js";
import type { BoardPicture } from "../sheet/board.js";
import { toSharedStyle } from "../sheet/lookbook-page.js";
import type { ReadPieceImage } from "./piece-images.js";

/** Pictures of one look; `styles` brings those that the book does not hold yet. */
export type LookPictures = Readonly<{
  pictureOf: (item: Pick<CatalogItem, "row" | "path">) => Promise<BoardPicture | null>;
  styles: string[];
}>;

/** A book's pictures of catalog items: each is read and held once, however many looks show it. */
export function createSharedPictures(read: ReadPieceImage): () => LookPictures {
  const known = new Map<number, Promise<BoardPicture | null>>();
  return () => {
    const styles: string[] = [];
    const bring = async (item: Pick<CatalogItem, "row" | "path">): Promise<BoardPicture | null> => {
      const picture = await read(item);
      if (picture === null) return null;
      const name = `piece-${item.row}`;
      styles.push(toSharedStyle(name, picture));
      return { kind: "shared", name };
    };
    const pictureOf: LookPictures["pictureOf"] = (item) => {
      const picture = known.get(item.row) ?? bring(item);
      known.set(item.row, picture);
      return picture;
    };
    return { pictureOf, styles };
  };
}
