/**
 * The line that turns the log-odds of a vote's winning share into the log-odds of its being right
 * (Platt, "Probabilistic Outputs for Support Vector Machines", 1999). `samples` is what it was fitted on; 0: not fitted.
 */
export type VoteCalibration = Readonly<{ intercept: number; slope: number; samples: number }>;

/** No line: the confidence follows from the votes alone. */
export const uncalibrated: VoteCalibration = { intercept: 0, slope: 1, samples: 0 };

/** One vote whose outcome is known. */
export type JudgedVote = Readonly<{ share: number; right: boolean }>;

// A share of exactly 1 has infinite log-odds; five unanimous voters are strong evidence, not certainty.
const largestLogOdds = 4;

function toLogOdds(share: number): number {
  const odds = Math.log(share / (1 - share));
  return Math.max(-largestLogOdds, Math.min(largestLogOdds, odds));
}

/**
 * The probability, in (0, 1), that a vote won with this share, in (0, 1], of so many voters is right. Without a fitted
 * line it is Laplace's rule of succession: five voters of one mind make 6/7, not certainty.
 */
export function toConfidence(share: number, voters: number, { intercept, slope, samples }: VoteCalibration): number {
  if (samples === 0) return (share * voters + 1) / (voters + 2);
  return 1 / (1 + Math.exp(-(intercept + slope * toLogOdds(share))));
}

/** Steps of Newton's method; the problem is convex in two unknowns and settles in fewer than ten. */
const newtonSteps = 25;

/**
 * The line of greatest likelihood over judged votes. Platt's smoothed targets keep it finite when all are right;
 * too few votes to judge by, under 50, give `uncalibrated`.
 */
export function fitCalibration(votes: readonly JudgedVote[]): VoteCalibration {
  if (votes.length < 50) return uncalibrated;
  const rights = votes.filter(({ right }) => right).length;
  const ifRight = (rights + 1) / (rights + 2);
  const ifWrong = 1 / (votes.length - rights + 2);
  let [intercept, slope] = [0, 1];
  for (let step = 0; step < newtonSteps; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0];
    for (const { share, right } of votes) {
      const x = toLogOdds(share);
      const p = 1 / (1 + Math.exp(-(intercept + slope * x)));
      const miss = (right ? ifRight : ifWrong) - p;
      const weight = p * (1 - p);
      g0 += miss;
      g1 += miss * x;
      h00 += weight;
      h01 += weight * x;
      h11 += weight * x * x;
    }
    const determinant = h00 * h11 - h01 * h01;
    // All shares alike: no line can be told from a point.
    if (!(determinant > 1e-6 * h00 * h11)) return uncalibrated;
    intercept += (h11 * g0 - h01 * g1) / determinant;
    slope += (h00 * g1 - h01 * g0) / determinant;
  }
  // A slope below zero would call the clearer vote the less likely one: the sample is too strange to learn from.
  if (!Number.isFinite(intercept) || !(slope > 0)) return uncalibrated;
  return { intercept, slope, samples: votes.length };
}
