// Recorded from `npm run demo`, with times cut to two decimals: what its sample catalog answers about its peony dress.

/** The item that the examples ask about. */
export const exampleItem = "one-piece/dress/belted-tea-dress-peony";

const palette = [
  { rgb: [193, 94, 131], share: 0.826 },
  { rgb: [211, 202, 204], share: 0.0661 },
  { rgb: [112, 61, 84], share: 0.0501 },
];

const queryItem = {
  dominant_color: "RGB(193, 94, 131)",
  dominant_color_rgb: [193, 94, 131],
  predicted_gender: "unknown",
  gender_confidence: 0,
  palette,
};

const jacket = {
  item_id: "upperwear/jacket/satin-bomber-blush",
  category: "upperwear_jacket",
  gender: "female",
  score: 0.8424,
  color_score: 1,
  category_score: 1,
  gender_score: 1,
  colors: [[222, 163, 168]],
  path: "upperwear/jacket/satin-bomber-blush.png",
  rank: 1,
  similarity: 0.3312,
  boosted: true,
  match_reason: "the colors are neighbors on the wheel; upperwear_jacket goes with one-piece_dress",
  flags: [],
  title: "Satin Bomber in Blush",
  price: "99.00 EUR",
};

const jacketParts = { similarity: 1325, harmony: 4000, gender: 2000, category: 0, boost: 1099, clamp: 0, total: 8424 };

const jacketHarmony = {
  rule: "analogous",
  score: 1,
  query: {
    rgb: [193, 94, 131],
    hue: 0.9377104377104377,
    hue_degrees: 337.6,
    saturation: 0.4439461883408071,
    lightness: 0.5627450980392157,
    neutral: false,
  },
  item: {
    rgb: [222, 163, 168],
    hue: 0.9858757062146892,
    hue_degrees: 354.9,
    saturation: 0.4720000000000001,
    lightness: 0.7549019607843137,
    neutral: false,
  },
  hue_distance_turns: 0.04816526850425151,
  hue_distance_degrees: 17.3,
};

const navyDress = {
  item_id: "one-piece/dress/tea-dress-navy",
  category: "one-piece_dress",
  gender: "female",
  score: 0.993,
  color_score: null,
  category_score: null,
  gender_score: null,
  colors: [[51, 68, 108]],
  path: "one-piece/dress/tea-dress-navy.png",
  rank: 1,
  similarity: 0.993,
  title: "Tea Dress in Navy",
  price: "92.00 EUR",
};

const categoryVote = {
  category: "one-piece_dress",
  source: "vote",
  confidence: 0.8571,
  voters: [
    { item_id: "one-piece/dress/tea-dress-navy", category: "one-piece_dress", similarity: 0.993, weight: 1 },
    { item_id: "one-piece/dress/wrap-dress-ruby", category: "one-piece_dress", similarity: 0.9883, weight: 0.9352 },
    { item_id: "one-piece/dress/skater-dress-violet", category: "one-piece_dress", similarity: 0.9879, weight: 0.9303 },
    { item_id: "one-piece/dress/shirt-dress-sage", category: "one-piece_dress", similarity: 0.9851, weight: 0.8928 },
    { item_id: "one-piece/dress/slip-dress-champagne", category: "one-piece_dress", similarity: 0.9824, weight: 0.859 },
  ],
  tally: [{ category: "one-piece_dress", votes: 5, share: 1 }],
  excluded_categories: [
    "bottomwear_pants",
    "bottomwear_shorts",
    "bottomwear_skirt",
    "one-piece_dress",
    "upperwear_shirt",
    "upperwear_tshirt",
  ],
};

const metadata = {
  processing_time_ms: 0.73,
  total_items: 130,
  model_version: "stygig-lite",
  index: "faiss",
  provider: "cpu",
  precision: "fp32",
  fetch_ms: null,
  decode_ms: null,
  encode_ms: null,
  search_ms: 0.4,
  rank_ms: 0.27,
  cache: null,
};

function toAnswer(rows: readonly unknown[], mode: "outfit" | "similar") {
  return {
    query_item: queryItem,
    recommendations: rows,
    total_candidates: 129,
    faiss_search_results: 130,
    metadata,
    enterprise_config: { items_per_category: 1, max_total_recommendations: 26 },
    mode,
    category_vote: mode === "outfit" ? categoryVote : null,
    fallback: false,
    fallback_reason: null,
    profile: "v5",
    rules: "standard",
    catalog_digest: "a2109e992c06ba65975e38171c65cdc924bab9572e73a62f2b10604ed0820167",
    index: "faiss",
    encoder: "stygig-lite",
    preprocess: "clip-exact-224",
  };
}

/** One suggestion for an item of the catalog. */
export const itemAnswer = toAnswer([{ ...jacket, reasons: { score_parts: jacketParts } }], "outfit");

/** The same with the colors explained. */
export const explainedAnswer = toAnswer(
  [{ ...jacket, reasons: { score_parts: jacketParts, harmony: jacketHarmony } }],
  "outfit",
);

/** The nearest item. */
export const similarAnswer = toAnswer([navyDress], "similar");

/** The same garment as a small picture, which had to be decoded and encoded, for a woman. */
export const pictureAnswer = {
  ...toAnswer(
    [
      {
        ...jacket,
        score: 0.8442,
        similarity: 0.3353,
        reasons: { score_parts: { ...jacketParts, similarity: 1341, boost: 1101, total: 8442 } },
      },
    ],
    "outfit",
  ),
  query_item: {
    dominant_color: "RGB(207, 99, 137)",
    dominant_color_rgb: [207, 99, 137],
    predicted_gender: "female",
    gender_confidence: 1,
    palette: [
      { rgb: [207, 99, 137], share: 0.8836 },
      { rgb: [138, 82, 102], share: 0.0741 },
      { rgb: [196, 140, 161], share: 0.0423 },
    ],
  },
  total_candidates: 130,
  metadata: {
    ...metadata,
    processing_time_ms: 7.56,
    decode_ms: 2.65,
    encode_ms: 4.2,
    search_ms: 0.11,
    rank_ms: 0.37,
    cache: "miss",
  },
  category_vote: {
    ...categoryVote,
    voters: [
      { item_id: "one-piece/dress/tea-dress-navy", category: "one-piece_dress", similarity: 0.8544, weight: 1 },
      {
        item_id: "one-piece/dress/maxi-dress-emerald",
        category: "one-piece_dress",
        similarity: 0.8454,
        weight: 0.8804,
      },
      { item_id: exampleItem, category: "one-piece_dress", similarity: 0.8407, weight: 0.8221 },
      { item_id: "one-piece/dress/skater-dress-violet", category: "one-piece_dress", similarity: 0.81, weight: 0.5306 },
      { item_id: "one-piece/dress/shirt-dress-sage", category: "one-piece_dress", similarity: 0.805, weight: 0.4939 },
    ],
  },
};
