import type { Profile } from "./profile.js";
import type { RankInput, Ranking } from "./ranking.js";
import { rankAsV4 } from "./ranking-v4.js";
import { rankAsV5 } from "./ranking-v5.js";

/** Pure and total: an empty catalog gives an empty answer that says so. */
export function rank(profile: Profile, input: RankInput): Ranking {
  return profile === "v4" ? rankAsV4(input) : rankAsV5(input);
}
