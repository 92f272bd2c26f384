import { image, png, typed } from "./contract-bodies.js";
import { type Answer, ask, type Question } from "./contract-request.js";
import { declaredHuge } from "./tiny-artifact.js";

/** A failure that anybody can provoke from outside, whatever the target serves. */
export type Provocation = Readonly<{ name: string; status: number; code: string | RegExp; question: Question }>;

const json = typed("application/json");
const asJson = (value: unknown): Question => ({ headers: json, body: JSON.stringify(value) });
const options = (text: string) => ({ ...typed("image/png"), "x-amzn-sagemaker-custom-attributes": text });
/** As much as a caller can say, in characters that JSON writes with six each. */
const endless = "\u0001".repeat(5000);
/** More than a server may be set to take. */
const neverTaken = { bytes: 1100 * 1024 * 1024, pixels: 40_000 };

export const provocations: readonly Provocation[] = [
  { name: "a body of no bytes", status: 400, code: "body_empty", question: { headers: json, body: "" } },
  { name: "broken JSON", status: 400, code: "body_malformed", question: { headers: json, body: '{"image": ' } },
  { name: "JSON of nothing", status: 400, code: "body_malformed", question: asJson({}) },
  {
    name: "an option nobody knows",
    status: 422,
    code: "option_invalid",
    question: asJson({ image, [endless]: endless }),
  },
  {
    name: "JSON in no UTF-8",
    status: 400,
    code: "body_malformed",
    question: { headers: json, body: Uint8Array.of(0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d) },
  },
  {
    name: "a body larger than any limit",
    status: 413,
    code: "body_too_large",
    question: {
      method: "POST",
      headers: { ...typed("image/png"), "content-length": String(neverTaken.bytes), expect: "100-continue" },
      isUnfinished: true,
    },
  },
  {
    name: "an unknown type",
    status: 415,
    code: "media_type_unsupported",
    question: { headers: typed(`text/${"x".repeat(3000)}`), body: "a,b" },
  },
  {
    name: "a compressed body",
    status: 415,
    code: "media_type_unsupported",
    question: { headers: { ...json, "content-encoding": "gzip" }, body: "{}" },
  },
  {
    name: "what is no picture",
    status: 422,
    code: "image_undecodable",
    question: { headers: typed("image/png"), body: "no picture at all" },
  },
  {
    name: "half a picture",
    status: 422,
    code: "image_undecodable",
    question: { headers: typed("image/png"), body: png.slice(0, png.length / 2) },
  },
  {
    name: "a picture of too many pixels",
    status: 422,
    code: "image_too_many_pixels",
    question: { headers: typed("image/png"), body: declaredHuge(neverTaken.pixels, neverTaken.pixels) },
  },
  { name: "an option out of range", status: 422, code: "option_invalid", question: asJson({ image, top_k: 0 }) },
  {
    name: "an option in a header",
    status: 422,
    code: "option_invalid",
    question: { headers: options(`gender=${"y".repeat(1000)}`), body: png },
  },
  {
    name: "an unknown item",
    status: 422,
    code: "item_unknown",
    question: asJson({ item_id: `none ${endless.slice(0, 200)}` }),
  },
  {
    name: "a picture elsewhere",
    status: 403,
    code: /^reference_(disabled|not_allowed)$/,
    question: asJson({ image_url: "https://nobody.invalid/a.png" }),
  },
  { name: "an unknown route", status: 404, code: "route_unknown", question: { path: `/models/${"z".repeat(3000)}` } },
  { name: "another method", status: 405, code: "method_not_allowed", question: { path: "/invocations" } },
  {
    name: "an answer of another type",
    status: 406,
    code: "accept_unsupported",
    question: { headers: { ...typed("image/png"), accept: "text/html" }, body: png },
  },
  {
    name: "more time than there is",
    status: 504,
    code: "deadline_exceeded",
    question: { headers: options("timeout_ms=100"), body: png, isUnfinished: true },
  },
];

export type Provoked = Omit<Provocation, "question"> & Readonly<{ answer: Answer }>;

/** Each of them asked once, one after the other. */
export async function provoke(url: string, these: readonly Provocation[] = provocations): Promise<readonly Provoked[]> {
  const provoked: Provoked[] = [];
  for (const { question, ...expected } of these) provoked.push({ ...expected, answer: await ask(url, question) });
  return provoked;
}
