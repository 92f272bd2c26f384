/** What the vote made of one photo whose category is known. */
export type JudgedPhoto = Readonly<{
  path: string;
  category: string;
  /** Null where there was nothing to vote. */
  voted: string | null;
  /** By the plain vote of five; null where it was not asked. */
  plain: Readonly<{ voted: string | null }> | null;
  /** How sure the vote was, in [0, 1]; null of a profile that does not say. */
  confidence: number | null;
  /** Distinct categories in the answer. */
  answerCategories: number;
}>;

/** One category: how many of its photos are found, and how many of those taken for it are of it; null of none. */
export type CategoryResult = Readonly<{
  /** Photos of it. */
  support: number;
  right: number;
  recall: number | null;
  /** Photos taken for it. */
  voted: number;
  precision: number | null;
  recall_v4: number | null;
}>;

/** Photos whose confidence lies in [from, to): how sure the vote was on average, and how often it was right. */
export type ConfidenceBin = Readonly<{
  from: number;
  to: number;
  photos: number;
  confidence: number;
  accuracy: number;
}>;

/** How the vote did. Accuracies, confidences and errors are shares in [0, 1] of the photos; null where nobody can say. */
export type VoteEvaluation = Readonly<{
  photos: number;
  vote_accuracy: number;
  vote_accuracy_v4: number | null;
  /** Of every category that photos are of or were taken for. */
  per_category: Readonly<Record<string, CategoryResult>>;
  /** Of each category's photos how many were taken for which; `none` where there was nothing to vote. */
  confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
  mean_confidence: number | null;
  /** Expected calibration error over ten equal bins of confidence (Guo et al., ICML 2017). */
  calibration_error: number | null;
  /** The bins with photos in them. */
  calibration: readonly ConfidenceBin[];
  answer_categories: Readonly<{ min: number; median: number }>;
  /** Where the vote was wrong, the surest first. */
  worst: readonly Readonly<{ path: string; category: string; voted: string | null; confidence: number | null }>[];
}>;

const binCount = 10;
/** As many as a page shows at a glance. */
const maxWorst = 24;

/** Pure. The order of the photos changes nothing. */
export function evaluateVotes(judged: readonly JudgedPhoto[]): VoteEvaluation {
  const labels = [...new Set(judged.map(({ category }) => category))].sort();
  const named = judged.flatMap(({ category, voted }) => (voted === null ? [category] : [category, voted]));
  const of = (category: string) => judged.filter((each) => each.category === category);
  const counts = judged.map(({ answerCategories }) => answerCategories).sort((first, second) => first - second);
  const sure = judged.flatMap((each) => (each.confidence === null ? [] : [{ ...each, confidence: each.confidence }]));
  const calibration = toBins(sure);
  return {
    photos: judged.length,
    vote_accuracy: shareOf(judged, isRight),
    vote_accuracy_v4: judgePlain(judged),
    per_category: Object.fromEntries([...new Set(named)].sort().map((each) => [each, judgeCategory(judged, each)])),
    confusion: Object.fromEntries(labels.map((category) => [category, countVotes(of(category))])),
    mean_confidence: sure.length === 0 ? null : round(meanOf(sure, ({ confidence }) => confidence)),
    calibration_error:
      sure.length === 0
        ? null
        : round(
            calibration.reduce((sum, bin) => sum + bin.photos * Math.abs(bin.confidence - bin.accuracy), 0) /
              sure.length,
          ),
    calibration: calibration.map((bin) => ({
      ...bin,
      confidence: round(bin.confidence),
      accuracy: round(bin.accuracy),
    })),
    answer_categories: { min: counts[0] ?? 0, median: counts[Math.floor(counts.length / 2)] ?? 0 },
    worst: judged
      .filter((each) => !isRight(each))
      .sort((one, other) => (other.confidence ?? 0) - (one.confidence ?? 0) || (one.path < other.path ? -1 : 1))
      .slice(0, maxWorst)
      .map(({ path, category, voted, confidence }) => {
        return { path, category, voted, confidence: confidence === null ? null : round(confidence) };
      }),
  };
}

/** A photo that two evaluations judged otherwise. */
export type VoteChange = Readonly<{
  path: string;
  category: string;
  before: string | null;
  after: string | null;
  kind: "gained" | "lost" | "still wrong";
}>;

/** Where a second evaluation of the same photos differs, losses first. @throws RangeError when the photos are others */
export function compareVotes(before: readonly JudgedPhoto[], after: readonly JudgedPhoto[]): readonly VoteChange[] {
  const former = new Map(before.map((each) => [each.path, each]));
  const order = { lost: 0, gained: 1, "still wrong": 2 } as const;
  return after
    .flatMap((each): VoteChange[] => {
      const old = former.get(each.path);
      if (old === undefined) throw new RangeError(`${each.path} was judged once only`);
      if (old.voted === each.voted) return [];
      const kind = isRight(each) ? "gained" : isRight(old) ? "lost" : "still wrong";
      return [{ path: each.path, category: each.category, before: old.voted, after: each.voted, kind }];
    })
    .sort((one, other) => order[one.kind] - order[other.kind] || (one.path < other.path ? -1 : 1));
}

const isRight = ({ voted, category }: Pick<JudgedPhoto, "voted" | "category">) => voted === category;

/** Null where one photo at least was not asked about. */
function judgePlain(judged: readonly JudgedPhoto[]): number | null {
  const votes = judged.flatMap(({ plain, category }) => (plain === null ? [] : [{ voted: plain.voted, category }]));
  return votes.length < judged.length ? null : shareOf(votes, isRight);
}

function judgeCategory(judged: readonly JudgedPhoto[], name: string): CategoryResult {
  const own = judged.filter(({ category }) => category === name);
  const taken = judged.filter(({ voted }) => voted === name);
  const right = own.filter(isRight).length;
  return {
    support: own.length,
    right,
    recall: own.length === 0 ? null : round(right / own.length),
    voted: taken.length,
    precision: taken.length === 0 ? null : round(right / taken.length),
    recall_v4: own.length === 0 ? null : judgePlain(own),
  };
}

/** Most votes first. */
function countVotes(judged: readonly JudgedPhoto[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { voted } of judged) counts.set(voted ?? "none", (counts.get(voted ?? "none") ?? 0) + 1);
  return Object.fromEntries([...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)));
}

function toBins(sure: readonly (JudgedPhoto & Readonly<{ confidence: number }>)[]): readonly ConfidenceBin[] {
  return Array.from({ length: binCount }, (_, bin) => {
    const inside = sure.filter(({ confidence }) => Math.min(binCount - 1, Math.floor(confidence * binCount)) === bin);
    const confidence = meanOf(inside, (each) => each.confidence);
    const accuracy = meanOf(inside, (each) => (isRight(each) ? 1 : 0));
    return { from: bin / binCount, to: (bin + 1) / binCount, photos: inside.length, confidence, accuracy };
  }).filter(({ photos }) => photos > 0);
}

function meanOf<Item>(items: readonly Item[], value: (each: Item) => number): number {
  return items.reduce((sum, each) => sum + value(each), 0) / Math.max(1, items.length);
}

function shareOf<Item>(items: readonly Item[], is: (each: Item) => boolean): number {
  return round(meanOf(items, (each) => (is(each) ? 1 : 0)));
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
