import { availableParallelism } from "node:os";
import { readArtifact } from "../adapters/artifact-files.js";
import { defaultProfile, type Profile } from "../domain/profile.js";
import { openPipeline } from "../open-pipeline.js";
import { createAnswerLooks } from "./lookbook-answers.js";
import { createPhotoLooks } from "./lookbook-photos.js";
import { openPieceImages, type PieceImages } from "./piece-images.js";
import { toPipelineOptions } from "./pipeline-options.js";
import { createSharedPictures } from "./shared-pictures.js";
import type { Lookbook } from "./write-lookbook.js";

/** Where the looks of a book come from. */
export type Looks = Pick<Lookbook, "facts" | "look"> &
  Readonly<{ notes: readonly string[]; close: () => Promise<void> }>;

export type PhotoSource = Readonly<{
  artifact: string;
  images: string | undefined;
  photos: string;
  profile: Profile | undefined;
  gender: string | undefined;
}>;

/** Looks around photos, asked about here. @throws Error in one line when the artifact cannot be opened */
export async function openPhotoLooks(source: PhotoSource): Promise<Looks> {
  const { artifact, images, photos, profile = defaultProfile, gender = null } = source;
  const pieceImages = await openPieceImages(artifact, images);
  const pictures = createSharedPictures(pieceImages.read);
  const pipeline = await openPipeline(toPipelineOptions(artifact, availableParallelism()));
  const { catalogDigest, encoder } = pipeline.facts;
  return {
    facts: [`catalog ${catalogDigest.slice(0, 12)}`, `profile ${profile}`, `encoder ${encoder}`],
    look: createPhotoLooks({ pipeline, folder: photos, profile, gender, pictures }),
    notes: [...pipeline.notes, ...toNotes(pieceImages)],
    close: pipeline.close,
  };
}

export type AnswerSource = Readonly<{ artifact: string | undefined; images: string | undefined; answers: string }>;

/** Looks that were answered elsewhere; the artifact has the pictures. @throws Error in one line when it cannot be read */
export async function openAnswerLooks({ artifact, images, answers }: AnswerSource): Promise<Looks> {
  const items = artifact === undefined ? [] : (await readArtifact(artifact)).catalog.items;
  const pieceImages = artifact === undefined ? noPieceImages : await openPieceImages(artifact, images);
  const pictures = createSharedPictures(pieceImages.read);
  return {
    facts: [],
    look: createAnswerLooks({ folder: answers, items: new Map(items.map((item) => [item.id, item])), pictures }),
    notes: toNotes(pieceImages),
    close: async () => {},
  };
}

const noPieceImages: PieceImages = {
  read: async () => null,
  note: "without --artifact the book shows colors instead of pictures",
};

function toNotes({ note }: PieceImages): readonly string[] {
  return note === null ? [] : [note];
}
