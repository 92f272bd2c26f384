import type { Box } from "./box.js";
import { cutEnd, cutMiddle, type MeasureText, type TextStyle, toLines } from "./fit-text.js";

/** How a text becomes lines: cut at its end, in its middle, or broken into so many lines. */
export type Fit = "end" | "middle" | number;

export type TextLine = Readonly<{ size: number; weight?: TextStyle["weight"]; fill: string; fit?: Fit }>;

/** Lines are so much higher than their letters. */
const lineHeight = 1.3;

/** How high one line of this size is. */
export function toLineHeight(size: number): number {
  return Math.round(size * lineHeight);
}

/** A text's boxes from (x, y) downwards, none wider than `width`. */
export function toTextBoxes(
  text: string,
  { size, weight = "regular", fill, fit = "end" }: TextLine,
  { x, y, width }: Readonly<{ x: number; y: number; width: number }>,
  measure: MeasureText,
): readonly Box[] {
  const style: TextStyle = { size, weight };
  const room = { width, style, measure };
  const lines =
    typeof fit === "number"
      ? toLines(text, fit, room)
      : [fit === "middle" ? cutMiddle(text, room) : cutEnd(text, room)];
  const height = toLineHeight(size);
  return lines
    .filter((line) => line !== "")
    .map((line, i) => ({
      kind: "text",
      x,
      y: y + i * height,
      width: measure(line, style),
      height,
      text: line,
      style,
      fill,
    }));
}
