/** Coordinates that follow the current point: 2 for a line, 4 for a quadratic and 6 for a cubic curve. */
export type Segment = readonly number[];

/** The view box of every garment: a square of this side, garments centered on its vertical axis. */
const viewSide = 400;

const letters: Readonly<Record<number, string>> = { 2: "L", 4: "Q", 6: "C" };

/** An open SVG path of absolute commands. */
export function open(start: Segment, ...segments: readonly Segment[]): string {
  return `M${numbers(start)}${segments.map((segment) => `${letters[segment.length]}${numbers(segment)}`).join("")}`;
}

/** A closed SVG path of absolute commands. */
export function closed(start: Segment, ...segments: readonly Segment[]): string {
  return `${open(start, ...segments)}Z`;
}

/** A closed path from its right half, drawn from top to bottom; the left half is its mirror image. */
export function symmetric(start: Segment, ...segments: readonly Segment[]): string {
  const ends = [start, ...segments].map((segment) => segment.slice(-2));
  const back = segments.map((segment, place) => {
    const controls: number[] = [];
    for (let index = segment.length - 4; index >= 0; index -= 2) {
      controls.push(viewSide - segment[index]!, segment[index + 1]!);
    }
    const [x, y] = ends[place]!;
    return [...controls, viewSide - x!, y!];
  });
  const [lastX, lastY] = ends.at(-1)!;
  return closed(start, ...segments, [viewSide - lastX!, lastY!], ...back.reverse());
}

/** The path with every point moved by `change`. */
export function mapPath(path: string, change: (x: number, y: number) => readonly [number, number]): string {
  return parsePath(path)
    .map(({ letter, values }) => {
      const moved: number[] = [];
      for (let index = 0; index < values.length; index += 2) moved.push(...change(values[index]!, values[index + 1]!));
      return letter + numbers(moved);
    })
    .join("");
}

/** The path seen in a mirror standing on the view box's vertical axis. */
export function mirror(path: string): string {
  return mapPath(path, (x, y) => [viewSide - x, y]);
}

/** The commands (M, L, Q, C, Z) of a path that this file built. */
export function parsePath(path: string): { letter: string; values: number[] }[] {
  return Array.from(path.matchAll(/([MLQCZ])([^MLQCZ]*)/g), ([, letter, text]) => ({
    letter: letter!,
    values:
      text!.trim() === ""
        ? []
        : text!
            .trim()
            .split(/[\s,]+/)
            .map(Number),
  }));
}

function numbers(values: readonly number[]): string {
  return values.map((value) => Math.round(value * 100) / 100).join(" ");
}
