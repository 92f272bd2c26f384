import { askText } from "./ask.js";
import { drawMetrics } from "./draw-metrics.js";
import { byId } from "./element.js";
import { sentenceFor } from "./error-sentences.js";
import { parseMetrics, toSummary } from "./metrics-summary.js";

const everyMs = 2000;

/** Shows the metrics as they are, again and again while the view is open and somebody can see it. */
export function openMetricsView(isOpen: () => boolean): Readonly<{ show: () => void }> {
  const place = byId("metrics", HTMLElement);
  let timer: number | undefined;

  async function refresh(): Promise<void> {
    const text = document.hidden ? null : await askText("/metrics");
    if (!isOpen()) return;
    if (text !== null && "text" in text) place.replaceChildren(...drawMetrics(toSummary(parseMetrics(text.text))));
    else if (text !== null) place.textContent = sentenceFor(text.code);
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), everyMs);
  }

  return { show: () => void refresh() };
}
