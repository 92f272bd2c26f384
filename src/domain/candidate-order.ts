import { type Candidate, toItemId } from "./candidate.js";

/** Candidates by the name that an answer gives them, for where nothing else tells them apart. */
export function byId(first: Candidate, second: Candidate): number {
  const [one, other] = [toItemId(first), toItemId(second)];
  return one < other ? -1 : one > other ? 1 : 0;
}
