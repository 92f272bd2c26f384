/** What the vote made of one photo whose category is known. */
export type JudgedPhoto = Readonly<{
  path: string;
  category: string;
  /** By the default profile, and by the plain vote of five; null where there was nothing to vote. */
  voted: string | null;
  votedV4: string | null;
  /** How sure the vote was, in [0, 1]. */
  confidence: number;
  /** Distinct categories in a default answer. */
  answerCategories: number;
}>;

type CategoryResult = Readonly<{
  photos: number;
  right: number;
  right_v4: number;
  accuracy: number;
  accuracy_v4: number;
}>;

/** Photos whose confidence lies in [from, to): how sure the vote was on average, and how often it was right. */
export type ConfidenceBin = Readonly<{
  from: number;
  to: number;
  photos: number;
  confidence: number;
  accuracy: number;
}>;

/** How the vote did. Accuracies, confidences and errors are shares in [0, 1] of the photos. */
export type VoteEvaluation = Readonly<{
  photos: number;
  vote_accuracy: number;
  vote_accuracy_v4: number;
  per_category: Readonly<Record<string, CategoryResult>>;
  /** Of each category's photos how many were taken for which; `none` where there was nothing to vote. */
  confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
  mean_confidence: number;
  /** Expected calibration error over ten equal bins of confidence (Guo et al., ICML 2017). */
  calibration_error: number;
  /** The bins with photos in them. */
  calibration: readonly ConfidenceBin[];
  answer_categories: Readonly<{ min: number; median: number }>;
  /** Where the vote was wrong, the surest first. */
  worst: readonly Readonly<{ path: string; category: string; voted: string | null; confidence: number }>[];
}>;

const binCount = 10;
/** As many as a page shows at a glance. */
const maxWorst = 24;

/** Pure. The order of the photos changes nothing. */
export function evaluateVotes(judged: readonly JudgedPhoto[]): VoteEvaluation {
  const categories = [...new Set(judged.map(({ category }) => category))].sort();
  const of = (category: string) => judged.filter((each) => each.category === category);
  const counts = judged.map(({ answerCategories }) => answerCategories).sort((first, second) => first - second);
  const calibration = toBins(judged);
  return {
    photos: judged.length,
    vote_accuracy: shareOf(judged, isRight),
    vote_accuracy_v4: shareOf(judged, isRightV4),
    per_category: Object.fromEntries(categories.map((category) => [category, toCategoryResult(of(category))])),
    confusion: Object.fromEntries(categories.map((category) => [category, countVotes(of(category))])),
    mean_confidence: round(meanOf(judged, ({ confidence }) => confidence)),
    calibration_error: round(
      calibration.reduce((sum, bin) => sum + (bin.photos / judged.length) * Math.abs(bin.confidence - bin.accuracy), 0),
    ),
    calibration: calibration.map((bin) => ({
      ...bin,
      confidence: round(bin.confidence),
      accuracy: round(bin.accuracy),
    })),
    answer_categories: { min: counts[0] ?? 0, median: counts[Math.floor(counts.length / 2)] ?? 0 },
    worst: judged
      .filter((each) => !isRight(each))
      .sort((one, other) => other.confidence - one.confidence || (one.path < other.path ? -1 : 1))
      .slice(0, maxWorst)
      .map(({ path, category, voted, confidence }) => ({ path, category, voted, confidence: round(confidence) })),
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

const isRight = ({ voted, category }: JudgedPhoto) => voted === category;
const isRightV4 = ({ votedV4, category }: JudgedPhoto) => votedV4 === category;

function toCategoryResult(judged: readonly JudgedPhoto[]): CategoryResult {
  return {
    photos: judged.length,
    right: judged.filter(isRight).length,
    right_v4: judged.filter(isRightV4).length,
    accuracy: shareOf(judged, isRight),
    accuracy_v4: shareOf(judged, isRightV4),
  };
}

/** Most votes first. */
function countVotes(judged: readonly JudgedPhoto[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { voted } of judged) counts.set(voted ?? "none", (counts.get(voted ?? "none") ?? 0) + 1);
  return Object.fromEntries([...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1)));
}

function toBins(judged: readonly JudgedPhoto[]): readonly ConfidenceBin[] {
  return Array.from({ length: binCount }, (_, bin) => {
    const inside = judged.filter(({ confidence }) => Math.min(binCount - 1, Math.floor(confidence * binCount)) === bin);
    const confidence = meanOf(inside, (each) => each.confidence);
    const accuracy = meanOf(inside, (each) => (isRight(each) ? 1 : 0));
    return { from: bin / binCount, to: (bin + 1) / binCount, photos: inside.length, confidence, accuracy };
  }).filter(({ photos }) => photos > 0);
}

function meanOf(judged: readonly JudgedPhoto[], value: (each: JudgedPhoto) => number): number {
  return judged.reduce((sum, each) => sum + value(each), 0) / Math.max(1, judged.length);
}

function shareOf(judged: readonly JudgedPhoto[], is: (each: JudgedPhoto) => boolean): number {
  return round(meanOf(judged, (each) => (is(each) ? 1 : 0)));
}

function round(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
