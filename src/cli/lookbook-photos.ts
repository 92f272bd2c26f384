import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { ServiceError } from "../domain/errors.js";
import type { Profile } from "../domain/profile.js";
import type { Query } from "../domain/query.js";
import type { OpenPipeline } from "../open-pipeline.js";
import { toBoardPicture } from "../sheet/board-picture.js";
import { toSharedStyle } from "../sheet/lookbook-page.js";
import { toAnswerBoard } from "./answer-board.js";
import type { LookPictures } from "./shared-pictures.js";
import type { Lookbook } from "./write-lookbook.js";

/** A book holds many: finer than a screen shows would only make it heavy. */
const photoSide = 640;

export type PhotoLooks = Readonly<{
  pipeline: OpenPipeline;
  /** Names in the book are relative to it. */
  folder: string;
  profile: Profile;
  gender: string | null;
  pictures: () => LookPictures;
}>;

/** Asks about each photo; one that cannot be read or answered becomes its reason. */
export function createPhotoLooks({ pipeline, folder, profile, gender, pictures }: PhotoLooks): Lookbook["look"] {
  let count = 0;
  return async (path, signal) => {
    const name = relative(folder, path);
    const shared = `photo-${count++}`;
    try {
      const bytes = await readFile(path, { signal });
      const answer = await pipeline.recommend(toQuery(bytes, { profile, gender }), signal, "batch");
      const { pictureOf, styles } = pictures();
      const picture = await toBoardPicture(bytes, photoSide);
      const query = { kind: "shared", name: shared } as const;
      const board = await toAnswerBoard(answer, pipeline, { name, picture: query, pictureOf });
      return { look: { name, board }, styles: [toSharedStyle(shared, picture), ...styles] };
    } catch (error) {
      const reason = toReason(error);
      if (signal.aborted || reason === null) throw error;
      return { look: { name, reason }, styles: [] };
    }
  };
}

function toQuery(bytes: Uint8Array, { profile, gender }: Pick<PhotoLooks, "profile" | "gender">): Query {
  const options = { category: null, topK: null, itemsPerCategory: null, excludeIds: [], explain: false } as const;
  return { source: { kind: "image", bytes }, mode: "outfit", profile, gender, ...options };
}

/** What is wrong with the photo itself; null for anything else, which ends the whole book. */
export function toReason(error: unknown): string | null {
  if (error instanceof ServiceError) return `${error.code}: ${error.message}`;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined ? null : `It cannot be read (${code}).`;
}
