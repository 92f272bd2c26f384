import type { Harmony } from "../domain/color-harmony.js";

/** A picture on a board: a data URI with its width over its height, or one that the page around it holds under a name. */
export type BoardPicture =
  | Readonly<{ kind: "embedded"; uri: string; ratio: number | null }>
  | Readonly<{ kind: "shared"; name: string }>;

/** A color to draw: `#rrggbb`, its hue in turns [0, 1), and whether it is too gray, dark or light for the hue to matter. */
export type BoardColor = Readonly<{ hex: string; hue: number; isNeutral: boolean }>;

/** One part of a score, in points of the shown score; the boost and V4's category part count as well. */
export type BoardPart = Readonly<{ name: "similarity" | "harmony" | "gender" | "category" | "boost"; share: number }>;

/** How two colors go together; the distance between their hues in degrees, null where a hue does not count. */
export type BoardMatch = Readonly<{ rule: Harmony; degrees: number | null }>;

/** One suggested piece. Whatever the answer does not say is null. */
export type BoardCard = Readonly<{
  rank: number;
  category: string;
  /** The title, else the id. */
  name: string;
  isTitle: boolean;
  score: number | null;
  parts: readonly BoardPart[];
  boosted: boolean;
  color: BoardColor | null;
  match: BoardMatch | null;
  price: string | null;
  /** A web address, never a script. */
  link: string | null;
  picture: BoardPicture | null;
}>;

/** An answer as it is shown to people: one line texts without control characters, whatever the answer held. */
export type Board = Readonly<{
  heading: string;
  /** What served it: catalog, profile, encoder. */
  facts: readonly string[];
  query: Readonly<{
    name: string;
    category: string;
    /** How the category came about. */
    vote: string;
    /** Shares in [0, 1], largest first. */
    tally: readonly Readonly<{ category: string; share: number }>[];
    color: BoardColor | null;
    palette: readonly Readonly<{ hex: string; share: number }>[];
    picture: BoardPicture | null;
  }>;
  /** What to know before trusting it; null when there is nothing. */
  notice: string | null;
  cards: readonly BoardCard[];
}>;
