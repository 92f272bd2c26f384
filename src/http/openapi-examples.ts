import { type ErrorCode, errorCatalog } from "../domain/errors.js";
import { exampleItem, explainedAnswer, itemAnswer, pictureAnswer, similarAnswer } from "./openapi-answers.js";
import type { Example, Examples } from "./openapi-operation.js";

// A request, its header and its answer are three entries of one name: whoever reads the document can put them together,
// and a test sends every one of them to a server.

/** A dress of 24 x 24 pixels, as a PNG in base64. */
const smallPicture =
  "iVBORw0KGgoAAAANSUhEUgAAABgAAAAYBAMAAAASWSDLAAAAMFBMVEXPY4n17u7y6ent4+P////aaI/Ca4vd0tX49PPDWYDE" +
  "jKHSvMOKUmbLqba0YXx1Olet6KYhAAAACXBIWXMAAAsTAAALEwEAmpwYAAAA1klEQVQY02Nw8ejoEAQiQUERFwYXx0bBDvPi" +
  "DihHUKLq/J/lEI6HYPfL8/9n7oDISJRNnXMuIF0IzBHKTAhgDWAzVAFxuqdOCA0NiNwI5ggvSwBKZBWBOYLmF0JDebcbgTlC" +
  "GnvOnDkrpATmKCmue/fulRGY46QknBoaGlYE5XRPDWCNvATlSE0NYAhYDOWYMQBBurIJiKN4E8SZC+EorQRx2IxBHGfxCSAO" +
  "5yYwRwrCWQxWBtYPNAHEcbwJ4cwFy1StSgOCVavBeozLd5cDUTGEAwUmLgAc2VIc3x6evAAAAABJRU5ErkJggg==";

type Exchange = Readonly<{
  summary: string;
  contentType: string;
  /** JSON, or the text of JSON Lines, or a data URL. */
  body: unknown;
  /** For `X-Amzn-SageMaker-Custom-Attributes`. */
  attributes?: string;
  status: number;
  answer: unknown;
}>;

const json = "application/json";
const unknownItem = toError("item_unknown", { item_id: "sock" });
const itemLine = { item_id: exampleItem, top_k: 1 };

/** By their names. */
const exchanges: Readonly<Record<string, Exchange>> = {
  picture: {
    summary: "A picture as it is, its options in the header",
    contentType: "image/png",
    attributes: "top_k=1,gender=female",
    body: `data:image/png;base64,${smallPicture}`,
    status: 200,
    answer: pictureAnswer,
  },
  picture_of_any_kind: {
    summary: "V4's name for a picture of any kind",
    contentType: "application/x-image",
    attributes: "top_k=1,gender=female",
    body: `data:application/x-image;base64,${smallPicture}`,
    status: 200,
    answer: pictureAnswer,
  },
  bytes: {
    summary: "Bytes that nobody has a name for",
    contentType: "application/octet-stream",
    attributes: "top_k=1,gender=female",
    body: `data:application/octet-stream;base64,${smallPicture}`,
    status: 200,
    answer: pictureAnswer,
  },
  base64: {
    summary: "A picture in JSON",
    contentType: json,
    body: { image: smallPicture, top_k: 1, gender: "female" },
    status: 200,
    answer: pictureAnswer,
  },
  item: {
    summary: "An item of the catalog, with its colors explained",
    contentType: json,
    body: { item_id: exampleItem, top_k: 1, explain: true },
    status: 200,
    answer: explainedAnswer,
  },
  similar: {
    summary: "The nearest items instead of an outfit",
    contentType: json,
    body: { item_id: exampleItem, mode: "similar", top_k: 1 },
    status: 200,
    answer: similarAnswer,
  },
  instances: {
    summary: "Many at once; one of them fails",
    contentType: json,
    body: { instances: [itemLine, { item_id: "sock" }] },
    status: 200,
    answer: { predictions: [itemAnswer, unknownItem] },
  },
  lines: {
    summary: "A batch: as many lines of answers as of requests",
    contentType: "application/jsonlines",
    body: toLines([itemLine, { item_id: "sock" }]),
    status: 200,
    answer: toLines([itemAnswer, unknownItem]).trimEnd(),
  },
  ndjson: {
    summary: "The same under its other name",
    contentType: "application/x-ndjson",
    body: toLines([itemLine]),
    status: 200,
    answer: toLines([itemAnswer]).trimEnd(),
  },
  unknown_item: {
    summary: "An item that the catalog does not have",
    contentType: json,
    body: { item_id: "sock" },
    status: 422,
    answer: unknownItem,
  },
  no_picture: {
    summary: "Bytes that are no picture",
    contentType: json,
    body: { image: "bm8gcGljdHVyZQ==" },
    status: 422,
    answer: toError("image_undecodable", { reason: "not a picture of a supported format" }),
  },
  picture_elsewhere: {
    summary: "A picture at an address, where nobody has allowed any",
    contentType: json,
    body: { image_url: "https://shop.example/look.jpg" },
    status: 403,
    answer: toError("reference_disabled", { option: "image_url" }),
  },
};

/** The bodies of a content type. */
export function requestExamples(contentType: string): Examples {
  return pick(
    (each) => each.contentType === contentType,
    ({ body }) => (typeof body === "string" && body.startsWith("data:") ? { externalValue: body } : { value: body }),
  );
}

/** The header of those that need one. */
export function attributeExamples(): Examples {
  return pick(
    (each) => each.attributes !== undefined,
    ({ attributes }) => ({ value: attributes }),
  );
}

/** What is answered to bodies of a content type; of all others in JSON. */
export function answerExamples(status: number, linesType?: string): Examples {
  return pick(
    (each) => each.status === status && (linesType ?? json) === (isLines(each) ? each.contentType : json),
    ({ answer }) => ({ value: answer }),
  );
}

function isLines({ contentType }: Exchange): boolean {
  return contentType === "application/jsonlines" || contentType === "application/x-ndjson";
}

type Shown = Readonly<{ value: unknown } | { externalValue: string }>;

function pick(isWanted: (each: Exchange) => boolean, show: (each: Exchange) => Shown): Examples {
  const wanted = Object.entries(exchanges).filter(([, each]) => isWanted(each));
  return Object.fromEntries(
    wanted.map(([name, each]): [string, Example] => [name, { summary: each.summary, ...show(each) }]),
  );
}

function toError(code: ErrorCode, details: Readonly<Record<string, string>>) {
  const { message, retryable } = errorCatalog[code];
  return { error: { code, message, retryable, details } };
}

function toLines(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}
