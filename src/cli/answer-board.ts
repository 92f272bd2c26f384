import type { CatalogItem } from "../domain/catalog.js";
import { toReply } from "../http/to-reply.js";
import type { OpenPipeline } from "../open-pipeline.js";
import type { Recommendation } from "../pipeline.js";
import type { Board, BoardPicture } from "../sheet/board.js";
import { toBoard } from "../sheet/to-board.js";

type Asked = Readonly<{
  /** What was asked about: a file's name, an item's id. */
  name: string;
  picture: BoardPicture | null;
  pictureOf: (item: CatalogItem) => Promise<BoardPicture | null>;
}>;

/** An answer of a pipeline with its pictures, as a board. @throws Error in one line when a picture is broken */
export async function toAnswerBoard(
  answer: Recommendation,
  { facts, catalog }: Pick<OpenPipeline, "facts" | "catalog">,
  { name, picture, pictureOf }: Asked,
): Promise<Board> {
  const shown = answer.ranking?.suggestions ?? answer.similar;
  const pieces = await Promise.all(shown.map(({ candidate }) => pictureOf(catalog.items.at(candidate.row)!)));
  return toBoard(toReply(answer, { facts, items: catalog.items }), { name, query: picture, pieces });
}
