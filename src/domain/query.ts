import type { Rgb } from "./image.js";
import type { ImageReference } from "./image-reference.js";
import type { Profile } from "./profile.js";

/** Where the query comes from. An embedding alone has no color, so an outfit needs one beside it. */
export type QuerySource =
  | Readonly<{ kind: "image"; bytes: Uint8Array }>
  | Readonly<{ kind: "reference"; reference: ImageReference }>
  | Readonly<{ kind: "item"; id: string }>
  | Readonly<{ kind: "embedding"; embedding: Float32Array; color: Rgb | null }>;

/** One request, parsed. Null options mean: as the rules of the artifact say. */
export type Query = Readonly<{
  source: QuerySource;
  mode: "outfit" | "similar";
  profile: Profile;
  gender: string | null;
  category: string | null;
  /** Most suggestions wanted. */
  topK: number | null;
  itemsPerCategory: number | null;
  excludeIds: readonly string[];
  explain: boolean;
}>;
