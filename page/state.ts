import type { CatalogPart, Reply, ShownItem } from "./reply.js";

export type Profile = "v5" | "v4";

/** What the outfit is built around. A file's bytes stay with the browser; `url` shows it, `key` tells it from others. */
export type Garment =
  | Readonly<{ kind: "item"; item: ShownItem }>
  | Readonly<{ kind: "file"; key: number; name: string; type: string; url: string }>;

export type Options = Readonly<{
  gender: string;
  /** Empty: as the vote says. */
  category: string;
  perCategory: number;
  profile: Profile;
  compare: boolean;
}>;

export type Answer =
  | Readonly<{ kind: "shown"; reply: Reply; roundTripMs: number }>
  | Readonly<{ kind: "refused"; code: string; reason: string | null }>;

/** Everything the page shows. */
export type State = Readonly<{
  /** Null until it has come. */
  catalog: CatalogPart | null;
  garment: Garment | null;
  options: Options;
  /** Number of the last time something was asked: answers to earlier ones come too late. */
  asked: number;
  waiting: readonly Profile[];
  answers: Readonly<Partial<Record<Profile, Answer>>>;
  /** What went wrong before anything was asked. */
  complaint: string | null;
}>;

export type Action =
  | Readonly<{ kind: "catalog_came"; catalog: CatalogPart }>
  | Readonly<{ kind: "garment_chosen"; garment: Garment }>
  | Readonly<{ kind: "garment_put_back" }>
  | Readonly<{ kind: "options_changed"; options: Partial<Options> }>
  | Readonly<{ kind: "complained"; code: string }>
  | Readonly<{ kind: "answered"; asked: number; profile: Profile; answer: Answer }>;

export const mostPerCategory = 5;

export const firstState: State = {
  catalog: null,
  garment: null,
  options: { gender: "", category: "", perCategory: 1, profile: "v5", compare: false },
  asked: 0,
  waiting: [],
  answers: {},
  complaint: null,
};

/** The next state. Whatever changes the question starts it anew: `asked` grows, and `waiting` lists whom to ask. */
export function reduce(state: State, action: Action): State {
  switch (action.kind) {
    case "catalog_came":
      return { ...state, catalog: action.catalog };
    case "garment_chosen":
      // What the last garment was seen as says nothing about this one.
      return ask({
        ...state,
        garment: action.garment,
        options: { ...state.options, category: "" },
        answers: {},
        complaint: null,
      });
    case "garment_put_back":
      return { ...state, garment: null, answers: {}, waiting: [], asked: state.asked + 1, complaint: null };
    case "options_changed":
      return ask({ ...state, options: { ...state.options, ...action.options } });
    case "complained":
      return { ...state, complaint: action.code };
    case "answered":
      return settle(state, action);
  }
}

/** The profiles that the options ask for, in the order in which they are shown. */
export function wantedProfiles({ compare, profile }: Options): readonly Profile[] {
  return compare ? ["v5", "v4"] : [profile];
}

function ask(state: State): State {
  if (state.garment === null) return state;
  return { ...state, asked: state.asked + 1, waiting: wantedProfiles(state.options) };
}

function settle(state: State, { asked, profile, answer }: Action & { kind: "answered" }): State {
  if (asked !== state.asked || !state.waiting.includes(profile)) return state;
  const waiting = state.waiting.filter((each) => each !== profile);
  return { ...state, waiting, answers: { ...state.answers, [profile]: answer } };
}

/** What a screen reader is told when an outfit has come or been refused; empty while there is nothing to tell. */
export function announce(state: State, sentenceFor: (code: string) => string): string {
  if (state.complaint !== null) return sentenceFor(state.complaint);
  if (state.garment === null) return "";
  if (state.waiting.length > 0) return "Looking for an outfit.";
  const told = wantedProfiles(state.options).map((profile) => {
    const answer = state.answers[profile];
    if (answer === undefined) return "";
    if (answer.kind === "refused") return sentenceFor(answer.code);
    const { length } = answer.reply.recommendations;
    return `${state.options.compare ? `${profile}: ` : ""}${length} ${length === 1 ? "piece" : "pieces"} found.`;
  });
  return told.join(" ");
}
