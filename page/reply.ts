export type Rgb = readonly [number, number, number];

/** Of `POST /invocations`, what the page reads; a test holds it against what the server sends. */
export type Reply = Readonly<{
  query_item: Readonly<{
    dominant_color_rgb: Rgb | null;
    palette: readonly Readonly<{ rgb: Rgb; share: number }>[];
  }>;
  recommendations: readonly Piece[];
  total_candidates: number;
  metadata: Readonly<{
    processing_time_ms: number;
    total_items: number;
    provider: string;
    precision: string;
    fetch_ms: number | null;
    decode_ms: number | null;
    encode_ms: number | null;
    search_ms: number;
    rank_ms: number;
    cache: string | null;
  }>;
  category_vote: VoteOutcome | null;
  fallback: boolean;
  fallback_reason: string | null;
  profile: string;
  rules: string;
  encoder: string;
  index: string;
}>;

/** One recommended piece and why. */
export type Piece = Readonly<{
  item_id: string;
  category: string | null;
  gender: string;
  score: number;
  rank: number;
  similarity: number;
  boosted?: boolean | undefined;
  match_reason?: string | undefined;
  flags?: readonly string[] | undefined;
  title?: string | undefined;
  price?: string | undefined;
  url?: string | undefined;
  reasons?: Readonly<{ score_parts: ScoreParts; harmony?: HarmonyReason | undefined }> | undefined;
}>;

/** In ten-thousandths; `total` is the sum of the others. */
export type ScoreParts = Readonly<
  Record<"similarity" | "harmony" | "gender" | "category" | "boost" | "clamp" | "total", number>
>;

export type ColorReason = Readonly<{
  rgb: Rgb;
  hue: number;
  hue_degrees: number;
  saturation: number;
  lightness: number;
  neutral: boolean;
}>;

export type HarmonyReason = Readonly<{
  rule: string;
  score: number;
  query: ColorReason;
  item: ColorReason | null;
  hue_distance_degrees: number | null;
}>;

export type VoteOutcome = Readonly<{
  category: string | null;
  source: string;
  confidence: number | null;
  voters: readonly Readonly<{ item_id: string; category: string | null; similarity: number; weight: number }>[];
  tally: readonly Readonly<{ category: string; votes: number; share: number }>[];
  excluded_categories: readonly string[];
}>;

/** An item as `GET /catalog/items` tells it. */
export type ShownItem = Readonly<{
  item_id: string;
  category: string | null;
  gender: string;
  title: string | null;
  price: string | null;
  palette: readonly Readonly<{ rgb: Rgb; share: number }>[];
}>;

export type CatalogPart = Readonly<{
  total: number;
  categories: Readonly<Record<string, number>>;
  has_thumbnails: boolean;
  items: readonly ShownItem[];
}>;

/** Is this an outfit that can be drawn? A proxy in between may answer with anything. */
export function isReply(value: unknown): value is Reply {
  return hasList(value, "recommendations") && hasObject(value, "metadata") && hasObject(value, "query_item");
}

export function isCatalogPart(value: unknown): value is CatalogPart {
  return hasList(value, "items") && hasObject(value, "categories");
}

/** The code and details of a refusal, or null where the body is none of the service's. */
export function readRefusal(value: unknown): Readonly<{ code: string; reason: string | null }> | null {
  if (!hasObject(value, "error")) return null;
  const { code, details } = (value as { error: { code?: unknown; details?: { reason?: unknown } } }).error;
  if (typeof code !== "string") return null;
  return { code, reason: typeof details?.reason === "string" ? details.reason : null };
}

function hasObject(value: unknown, field: string): boolean {
  const held = (value as Readonly<Record<string, unknown>> | null)?.[field];
  return typeof held === "object" && held !== null;
}

function hasList(value: unknown, field: string): boolean {
  return Array.isArray((value as Readonly<Record<string, unknown>> | null)?.[field]);
}
