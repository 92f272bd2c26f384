import type { BoardColor, BoardPicture } from "./board.js";
import type { TextStyle } from "./fit-text.js";

/** Where something is, from the top left of the sheet. */
export type Place = Readonly<{ x: number; y: number; width: number; height: number }>;

/** One thing to draw. A text's place is as wide as its letters and as high as its line. */
export type Box = Place &
  (
    | Readonly<{ kind: "panel" }>
    | Readonly<{ kind: "picture"; picture: BoardPicture | null; colors: readonly string[]; label: string }>
    | Readonly<{ kind: "text"; text: string; style: TextStyle; fill: string }>
    | Readonly<{ kind: "bar"; parts: readonly Readonly<{ fill: string; share: number }>[]; outlined: boolean }>
    | Readonly<{ kind: "swatch"; fill: string }>
    | Readonly<{ kind: "wheel"; query: BoardColor; item: BoardColor }>
  );

/** A whole sheet: its size and what is on it, panels before what lies on them. */
export type Layout = Readonly<{ width: number; height: number; title: string; boxes: readonly Box[] }>;
