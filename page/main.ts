import { ask, askCatalog } from "./ask.js";
import { openCatalogView } from "./catalog-view.js";
import { readOptions, showCategories } from "./controls.js";
import { drawGarment, drawSamples } from "./draw-garment.js";
import { drawOutfit } from "./draw-outfit.js";
import { drawTimes } from "./draw-times.js";
import { drawVote } from "./draw-vote.js";
import { byId, element } from "./element.js";
import { sentenceFor } from "./error-sentences.js";
import { openMetricsView } from "./metrics-view.js";
import { toQuestion } from "./question.js";
import type { Reply, ShownItem } from "./reply.js";
import { showCode } from "./show-code.js";
import { type Action, announce, firstState, type Profile, reduce, type State, wantedProfiles } from "./state.js";
import { takeFiles } from "./take-files.js";

const sampleCount = 12;

const places = {
  outfit: byId("outfit", HTMLElement),
  heading: byId("outfit-heading", HTMLElement),
  board: byId("board", HTMLElement),
  garment: byId("garment", HTMLElement),
  vote: byId("vote", HTMLElement),
  times: byId("times", HTMLElement),
  samples: byId("samples", HTMLElement),
  complaint: byId("complaint", HTMLElement),
  announcer: byId("announcer", HTMLElement),
  drop: byId("drop", HTMLElement),
  pick: byId("pick", HTMLInputElement),
  camera: byId("camera", HTMLInputElement),
  form: byId("options", HTMLFormElement),
  code: byId("code", HTMLElement),
};

// No framework: one state, one pure function from it to the next, and a dozen places that are drawn anew when what they
// show has changed. That is less code than a framework's own, needs no bundler, and any browser's inspector reads it.
let state: State = firstState;
let asking = new AbortController();
/** The bytes behind the garment, when it is a file. */
let file: File | null = null;
let fileCount = 0;

function dispatch(action: Action): void {
  const before = state;
  state = reduce(before, action);
  if (state.asked !== before.asked) askAll();
  show(before);
}

function askAll(): void {
  asking.abort();
  asking = new AbortController();
  const { asked, garment, options } = state;
  if (garment === null) return;
  for (const profile of state.waiting) {
    const body = garment.kind === "file" ? file : null;
    ask(toQuestion(garment, options, profile), body, asking.signal).then(
      (answer) => dispatch({ kind: "answered", asked, profile, answer }),
      // Asked anew meanwhile: nobody waits for this one.
      () => {},
    );
  }
}

/** The answer that rail and strip tell about: of two the first. */
function firstAnswer({ answers, options }: State): Readonly<{ reply: Reply; roundTripMs: number }> | null {
  const [profile] = wantedProfiles(options) as [Profile];
  const answer = answers[profile];
  return answer?.kind === "shown" ? answer : null;
}

/** Draws anew what has changed, and only that: an open explanation stays open. */
function show(before: State): void {
  if (state.catalog !== before.catalog && state.catalog !== null) {
    places.samples.replaceChildren(...drawSamples(state.catalog.items));
    showCategories(byId("category", HTMLSelectElement), state.catalog.categories);
  }
  document.body.dataset.view = state.garment === null ? "start" : "outfit";
  places.outfit.setAttribute("aria-busy", String(state.waiting.length > 0));
  const isNew = state.answers !== before.answers || state.garment !== before.garment;
  const answer = firstAnswer(state);
  if (isNew && state.garment !== null)
    places.garment.replaceChildren(...drawGarment(state.garment, answer?.reply ?? null));
  // While an outfit is looked for, the one before stays, dimmed.
  if (state.garment !== before.garment || (isNew && state.waiting.length === 0)) showAnswer(answer);
  places.complaint.textContent = state.complaint === null ? "" : sentenceFor(state.complaint);
  const told = announce(state, sentenceFor);
  if (told !== places.announcer.textContent) places.announcer.textContent = told;
  if (state.garment !== before.garment) (state.garment === null ? places.pick : places.heading).focus();
}

function showAnswer(answer: ReturnType<typeof firstAnswer>): void {
  places.board.replaceChildren(...drawOutfit(state));
  const vote = answer?.reply.category_vote ?? null;
  places.vote.replaceChildren(...(vote === null ? [] : drawVote(vote)));
  places.times.replaceChildren(...(answer === null ? [] : drawTimes(answer.reply, answer.roundTripMs)));
  places.code.hidden = answer === null || state.garment === null;
  if (state.garment === null) return;
  const [profile] = wantedProfiles(state.options) as [Profile];
  showCode(state.garment, toQuestion(state.garment, state.options, profile));
}

function takeFile(taken: File | null): void {
  const isPicture = taken !== null && (taken.type === "" || taken.type.startsWith("image/"));
  if (!isPicture) {
    dispatch({ kind: "complained", code: taken === null ? "no_file" : "not_a_picture" });
    return;
  }
  letGoOfPicture();
  file = taken;
  fileCount += 1;
  const url = URL.createObjectURL(taken);
  const name = taken.name === "" ? "picture" : taken.name;
  dispatch({ kind: "garment_chosen", garment: { kind: "file", key: fileCount, name, type: taken.type, url } });
}

/** The browser keeps a picture's bytes for as long as it has an address. */
function letGoOfPicture(): void {
  if (state.garment?.kind === "file") URL.revokeObjectURL(state.garment.url);
  file = null;
}

/** What is known of an item that is shown somewhere on the page. */
function findItem(id: string): ShownItem {
  const known = state.catalog?.items.find(({ item_id }) => item_id === id) ?? catalogView.find(id);
  if (known !== undefined) return known;
  const pieces = Object.values(state.answers).flatMap((each) =>
    each.kind === "shown" ? each.reply.recommendations : [],
  );
  const piece = pieces.find(({ item_id }) => item_id === id);
  const { category = null, gender = "unknown", title = null, price = null } = piece ?? {};
  return { item_id: id, category, gender, title, price, palette: [] };
}

const catalogView = openCatalogView(() => {
  const { garment } = state;
  const answer = firstAnswer(state);
  return garment === null || answer === null ? null : { garment, options: state.options, reply: answer.reply, file };
});

const views = { "#/catalog": "catalog", "#/metrics": "metrics" } as const;
const metricsView = openMetricsView(() => document.body.dataset.page === "metrics");

/** Which view the address names; a browser's way back leads through them. */
function showView(): void {
  const view = views[location.hash as keyof typeof views] ?? "outfit";
  document.body.dataset.page = view;
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".views a")) {
    if ((views[link.hash as keyof typeof views] ?? "outfit") === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (view === "catalog") catalogView.show();
  if (view === "metrics") metricsView.show();
}

window.addEventListener("hashchange", showView);
document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element)) return;
  const id = target.closest<HTMLElement>("[data-item]")?.dataset.item;
  if (id !== undefined) {
    const item = findItem(id);
    letGoOfPicture();
    location.hash = "#/";
    dispatch({ kind: "garment_chosen", garment: { kind: "item", item } });
    window.scrollTo({ top: 0 });
  }
  if (target.closest("[data-do=put-back]") !== null) {
    letGoOfPicture();
    dispatch({ kind: "garment_put_back" });
  }
});
places.form.addEventListener("change", () => dispatch({ kind: "options_changed", options: readOptions(places.form) }));
takeFiles([places.pick, places.camera], places.drop, takeFile);

showView();
const catalog = await askCatalog(`samples=${sampleCount}`);
if (typeof catalog === "string") {
  places.samples.replaceChildren(element("li", { class: "note" }, sentenceFor(catalog)));
} else dispatch({ kind: "catalog_came", catalog });
