import { element } from "./element.js";
import type { Reply } from "./reply.js";
import { toStages } from "./time-strip.js";
import { milliseconds } from "./words.js";

/** Where the time went, and how the server worked. */
export function drawTimes(reply: Reply, roundTripMs: number): readonly Node[] {
  const stages = toStages(reply, roundTripMs);
  const { provider, precision, cache, total_items } = reply.metadata;
  const told = stages.map(({ label, ms }) => `${label} ${milliseconds(ms)}`).join(", ");
  const from = cache === "hit" ? "The picture was known already. " : "";
  return [
    element(
      "div",
      { class: "strip", role: "img", "aria-label": told },
      ...stages.map(({ name, label, ms, share }) =>
        element("span", { class: `stage is-${name}`, "--share": share, title: `${label} ${milliseconds(ms)}` }),
      ),
    ),
    element(
      "ul",
      { class: "legend", "aria-hidden": "true" },
      ...stages.map(({ name, label, ms }) =>
        element("li", {}, element("span", { class: `key is-${name}` }), label, element("b", {}, milliseconds(ms))),
      ),
    ),
    element(
      "p",
      { class: "note" },
      `${from}${milliseconds(roundTripMs)} in all. ${total_items.toLocaleString("en")} pieces searched by ${reply.index}; ` +
        `encoder ${reply.encoder}, ${precision} on ${provider}; rules “${reply.rules}”.`,
    ),
  ];
}
