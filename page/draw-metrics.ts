import { element } from "./element.js";
import type { MetricsSummary } from "./metrics-summary.js";
import { milliseconds, percent, toSize } from "./words.js";

/** The summary as tiles and bars. */
export function drawMetrics(summary: MetricsSummary): readonly Node[] {
  const { requests, refused, inFlight, stages, batches, cache, rung, degraded } = summary;
  const asked = cache.hit + cache.joined + cache.miss;
  const kept = asked === 0 ? "\u2013" : percent((cache.hit + cache.joined) / asked);
  return [
    element(
      "ul",
      { class: "tiles" },
      drawTile("Requests", String(requests), refused === 0 ? "none refused" : `${refused} refused or failed`),
      drawTile("Right now", String(inFlight), "inside the server"),
      drawTile("Known already", kept, `of ${asked} pictures; ${toSize(cache.bytes)} kept`),
      drawTile("Encoder", rung ?? "\u2013", degraded ? "not the best that is there: see /health" : "as it should be"),
    ),
    element("h3", { class: "small-heading" }, "Stages, dearest first"),
    drawBars(
      stages.map(({ stage, share, meanMs, waitMs, runs }) => {
        const wait = waitMs < 0.05 ? "" : `, ${milliseconds(waitMs)} of it waiting`;
        return { name: stage, share, note: `${percent(share)}: ${milliseconds(meanMs)} each${wait}, ${runs} times` };
      }),
      "Nothing has been asked yet.",
    ),
    element("h3", { class: "small-heading" }, "Pictures in one run of the encoder"),
    drawBars(
      batches.map(({ upTo, runs, share }) => ({
        name: upTo === "+Inf" ? "more" : upTo === "1" ? "1" : `up to ${upTo}`,
        ...{ share, note: `${runs} ${runs === 1 ? "run" : "runs"}` },
      })),
      "No picture has been encoded yet.",
    ),
  ];
}

function drawTile(name: string, value: string, note: string): HTMLElement {
  return element(
    "li",
    { class: "tile" },
    element("p", { class: "eyebrow" }, name),
    element("p", { class: "tile-value" }, value),
    element("p", { class: "note" }, note),
  );
}

type Bar = Readonly<{ name: string; share: number; note: string }>;

function drawBars(bars: readonly Bar[], ifNone: string): HTMLElement {
  if (bars.length === 0) return element("p", { class: "note" }, ifNone);
  return element(
    "dl",
    { class: "bars" },
    ...bars.map(({ name, share, note }) =>
      element(
        "div",
        { class: "bar-row" },
        element("dt", {}, name),
        element("dd", {}, element("span", { class: "bar-fill", "--share": share }), element("span", {}, note)),
      ),
    ),
  );
}
