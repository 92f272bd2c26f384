import type { BoardPart } from "./board.js";

/** The colors of a drawn board. Text keeps a contrast of 4.5 to its ground (WCAG AA). */
export const theme = {
  ground: "#f1eee8",
  panel: "#ffffff",
  /** Behind pictures: close to a studio's paper. */
  mat: "#f7f5f1",
  line: "#e4dfd6",
  ink: "#1e1c19",
  muted: "#6b665e",
  track: "#ece8e1",
  notice: "#8a4b08",
} as const;

/** Told apart by lightness as well as by hue. */
export const partColors: Readonly<Record<BoardPart["name"], string>> = {
  similarity: "#33475f",
  harmony: "#c2703d",
  gender: "#8fa37e",
  category: "#b3aca0",
  boost: "#e3b04b",
};
