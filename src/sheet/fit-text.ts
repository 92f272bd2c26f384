export type TextStyle = Readonly<{ size: number; weight: "regular" | "semibold" }>;

/** How wide a text is drawn, in the units of its size. */
export type MeasureText = (text: string, style: TextStyle) => number;

type Room = Readonly<{ width: number; style: TextStyle; measure: MeasureText }>;

const ellipsis = "…";

/** The text, or as much of both its ends as the width holds: of a long id both ends tell something. */
export function cutMiddle(text: string, room: Room): string {
  const characters = [...text];
  return longest(text, characters.length - 1, room, (kept) => {
    const head = Math.ceil(kept / 2);
    return `${characters.slice(0, head).join("")}${ellipsis}${characters.slice(characters.length - (kept - head)).join("")}`;
  });
}

/** The text, or as much of its beginning as the width holds. */
export function cutEnd(text: string, room: Room): string {
  const characters = [...text];
  return longest(text, characters.length - 1, room, (kept) => characters.slice(0, kept).join("").trimEnd() + ellipsis);
}

/** At most so many lines, broken between words where it can be; what is left over is cut with an ellipsis. */
export function toLines(text: string, most: number, room: Room): readonly string[] {
  const lines: string[] = [];
  let rest = text.trim();
  while (rest !== "" && lines.length < most) {
    const isLast = lines.length === most - 1;
    const line = isLast ? cutEnd(rest, room) : takeLine(rest, room);
    lines.push(line.trimEnd());
    rest = isLast ? "" : rest.slice(line.length).trimStart();
  }
  return lines;
}

/** The beginning that fits, up to a space where there is one; at least one character, so that lines come to an end. */
function takeLine(text: string, { width, style, measure }: Room): string {
  if (measure(text, style) <= width) return text;
  const characters = [...text];
  const count = countFitting(characters.length, (kept) => measure(characters.slice(0, kept).join(""), style) <= width);
  const fitting = characters.slice(0, Math.max(1, count)).join("");
  const space = fitting.lastIndexOf(" ");
  if (text.charAt(fitting.length) === " " || space <= 0) return fitting;
  return fitting.slice(0, space);
}

/** The whole text if it fits, else the longest shortened form; the ellipsis alone where nothing else has room. */
function longest(text: string, most: number, { width, style, measure }: Room, shorten: (kept: number) => string) {
  if (measure(text, style) <= width) return text;
  return shorten(countFitting(Math.max(0, most), (kept) => measure(shorten(kept), style) <= width));
}

/** The largest count up to `most` that fits, where each smaller one does too; 0 when none does. */
function countFitting(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
