import type { Reply } from "./reply.js";

export type Stage = Readonly<{ name: string; label: string; ms: number; share: number }>;

/** Where the time of one answer went, in the order of its stages; those that did not run are left out. */
export function toStages({ metadata }: Reply, roundTripMs: number): readonly Stage[] {
  const { fetch_ms, decode_ms, encode_ms, search_ms, rank_ms, processing_time_ms } = metadata;
  const known = [
    ["fetch", "Fetch", fetch_ms],
    ["decode", "Decode", decode_ms],
    ["encode", "Encode", encode_ms],
    ["search", "Search", search_ms],
    ["rank", "Rank", rank_ms],
  ] as const;
  const ran = known.flatMap(([name, label, ms]) => (ms === null ? [] : [{ name, label, ms }]));
  const rest = processing_time_ms - ran.reduce((sum, { ms }) => sum + ms, 0);
  const travel = roundTripMs - processing_time_ms;
  const stages = [
    ...ran,
    { name: "rest", label: "Between steps", ms: Math.max(0, rest) },
    { name: "travel", label: "Upload and answer", ms: Math.max(0, travel) },
  ];
  const total = stages.reduce((sum, { ms }) => sum + ms, 0);
  return stages.map((stage) => ({ ...stage, share: total === 0 ? 0 : stage.ms / total }));
}
