import { beforeAll, describe, expect, it } from "vitest";
import { useHttpTarget } from "../support/http-target.js";
import { postPieces } from "../support/post-pieces.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const target = useHttpTarget();
const lines = "application/jsonlines";
const json = "application/json";
const images = [0, 1, 2, 3].map((shape) => Buffer.from(tinyPicture([200, 30 * shape, 40], shape)).toString("base64"));
let itemId = "";

type Headers = Readonly<Record<string, string>>;
type Answer = Readonly<{
  recommendations?: readonly Readonly<{ item_id: string; rank: number }>[];
  error?: Readonly<{ code: string; message: string; retryable: boolean; details: object }>;
}>;

const post = (body: string | Uint8Array<ArrayBuffer>, headers: Headers = { "content-type": lines }) =>
  fetch(`${target.url()}/invocations`, { method: "POST", headers, body });
const parse = (text: string) => text.split("\n").map((line) => JSON.parse(line) as Answer);
const answersTo = async (body: string | Uint8Array<ArrayBuffer>) => parse(await (await post(body)).text());
const outcome = ({ error, recommendations }: Answer) => error?.code ?? recommendations?.map(({ item_id }) => item_id);
const oneByOne = async (record: object) =>
  (await (await post(JSON.stringify(record), { "content-type": json })).json()) as Answer;

beforeAll(async () => {
  itemId = (await oneByOne({ image: images[0], mode: "similar" })).recommendations![0]!.item_id;
});

describe("JSON Lines", () => {
  it("have the answer of each line alone in its place, as often as they are asked", async () => {
    const records = [
      { image: images[0] },
      { item_id: itemId, mode: "similar", top_k: 2 },
      { image: images[1], profile: "v4" },
      { item_id: "nobody's" },
      { image: images[2], top_k: 1 },
      { image: "aGVsbG8=" },
      { image: images[0] },
      { item_id: itemId, top_k: 0 },
      { image: images[3], mode: "similar" },
    ];
    const alone = await Promise.all(records.map(async (record) => outcome(await oneByOne(record))));
    expect(alone.filter((each) => typeof each === "string")).toHaveLength(3);
    const response = await post(records.map((record) => JSON.stringify(record)).join("\n"));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(lines);
    expect(parse(await response.text()).map(outcome)).toEqual(alone);
  });

  it("lose nothing and gain nothing by their ends, blank lines and broken lines", async () => {
    const good = JSON.stringify({ item_id: itemId, top_k: 1, mode: "similar" });
    const bodies = {
      [`${good}\n${good}`]: ["ok", "ok"],
      [`${good}\n${good}\n`]: ["ok", "ok"],
      [`${good}\r\n${good}\r\n`]: ["ok", "ok"],
      [`${good}\n\n${good}\n`]: ["ok", "body_empty", "ok"],
      [`\r\n${good}`]: ["body_empty", "ok"],
      [`${good}\n{"item_id":\n[]\n${good}`]: ["ok", "body_malformed", "body_malformed", "ok"],
      [`\ufeff${good}\n`]: ["ok"],
      "\n": ["body_empty"],
      "": [],
    };
    for (const [body, codes] of Object.entries(bodies)) {
      const response = await post(body);
      const text = await response.text();
      expect(response.status, body).toBe(200);
      expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(text)));
      expect(text.endsWith("\n")).toBe(false);
      expect(text === "" ? [] : parse(text).map(({ error }) => error?.code ?? "ok"), body).toEqual(codes);
    }
  });

  it("are 200 even when every one of them fails, each with a whole error", async () => {
    const response = await post("{}\nnull\n");
    expect(response.status).toBe(200);
    for (const { error } of parse(await response.text())) {
      expect(error).toEqual({
        code: "body_malformed",
        message: expect.any(String),
        retryable: false,
        details: expect.any(Object),
      });
    }
  });

  it("fail one by one where they are not UTF-8", async () => {
    const good = JSON.stringify({ item_id: itemId });
    const body = Buffer.concat([
      Buffer.from(`${good}\n{"item_id":"`),
      Uint8Array.of(0xc3, 0x28),
      Buffer.from(`"}\n${good}`),
    ]);
    const codes = (await answersTo(new Uint8Array(body))).map(({ error }) => error?.code ?? "ok");
    expect(codes).toEqual(["ok", "body_malformed", "ok"]);
  });

  it("may be a picture's string alone, as an input filter leaves it", async () => {
    const [string, object] = await answersTo(`${JSON.stringify(images[1])}\n${JSON.stringify({ image: images[1] })}`);
    expect(outcome(string!)).toEqual(outcome(object!));
    expect(string?.recommendations).not.toHaveLength(0);
  });

  it("may be five megabytes long", async () => {
    const padded = JSON.stringify({ image: images[0] }).replace("}", `${" ".repeat(5 * 1024 * 1024)}}`);
    const short = JSON.stringify({ image: images[0] });
    const [first, second, third] = await answersTo([short, padded, short].join("\n"));
    expect(outcome(second!)).toEqual(outcome(first!));
    expect(outcome(third!)).toEqual(outcome(first!));
  });

  it("are the same in whatever pieces they arrive", async () => {
    const body = Buffer.from(
      [{ item_id: itemId }, {}, { image: images[0] }].map((each) => JSON.stringify(each)).join("\r\n"),
    );
    const whole = (await answersTo(new Uint8Array(body))).map(outcome);
    for (const size of [1, 7, 1000]) {
      const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
        body.subarray(i * size, (i + 1) * size),
      );
      const reply = await postPieces(target.url(), pieces, { "content-type": lines });
      expect(reply.status).toBe(200);
      expect(parse(reply.body).map(outcome), `${size} bytes`).toEqual(whole);
    }
  });

  it("make a file with as many lines, however a job packs them and puts the answers together", async () => {
    const records = [{ item_id: itemId }, { image: "no picture" }, { image: images[1] }, {}, { image: images[2] }];
    const file = records.map((record) => `${JSON.stringify(record)}\n`);
    const inOneGo = await Promise.all(file.map(async (line) => outcome((await answersTo(line))[0]!)));
    for (const perRequest of [1, 2, 5]) {
      let assembled = "";
      for (let at = 0; at < file.length; at += perRequest) {
        // As the platform's local mode does it: lines with their ends, answers with one added.
        assembled += `${await (await post(file.slice(at, at + perRequest).join(""))).text()}\n`;
      }
      expect(assembled.split("\n")).toHaveLength(records.length + 1);
      expect(parse(assembled.trimEnd()).map(outcome)).toEqual(inOneGo);
      expect(assembled).not.toMatch(/SageMaker(In|Out)put/);
    }
  });

  it.each([
    [lines, lines, lines],
    [lines, "*/*", lines],
    [lines, "application/*;q=0.1", lines],
    [lines, "", lines],
    [lines, "application/json, application/jsonlines;q=0.5", lines],
    [`${lines}; charset=utf-8`, "Application/JSONLines; charset=utf-8", lines],
    ["application/x-ndjson", "*/*", "application/x-ndjson"],
    ["application/x-ndjson", lines, lines],
    [lines, "application/x-ndjson", "application/x-ndjson"],
    // A job that joins its input and its output needs one type for both.
    [lines, json, null],
    [lines, "text/csv", null],
    [lines, `${lines};q=0`, null],
  ])("of %s, with Accept %j, are answered as %j", async (type, accept, answered) => {
    const response = await post(JSON.stringify({ item_id: itemId }), { "content-type": type, accept });
    expect(response.status).toBe(answered === null ? 406 : 200);
    if (answered !== null) expect(response.headers.get("content-type")).toBe(answered);
  });

  it("are refused as a whole when they are compressed or larger than any job's", async () => {
    expect((await post("{}", { "content-type": lines, "content-encoding": "gzip" })).status).toBe(415);
    const size = String(1025 * 1024 * 1024);
    const reply = await postPieces(target.url(), [], {
      "content-type": lines,
      "content-length": size,
      expect: "100-continue",
    });
    expect(reply.status).toBe(413);
  });

  it("leave /ping alone while thousands of them are worked on", async () => {
    const work = post(`${JSON.stringify({ item_id: itemId })}\n`.repeat(1000));
    let isOver = false;
    const count = work.then(async (response) => {
      const text = await response.text();
      isOver = true;
      return text.split("\n").length;
    });
    const times: number[] = [];
    while (!isOver) {
      const startedAt = performance.now();
      expect((await fetch(`${target.url()}/ping`)).status).toBe(200);
      times.push(performance.now() - startedAt);
    }
    expect(await count).toBe(1000);
    expect(times.length).toBeGreaterThan(3);
    expect(Math.max(...times)).toBeLessThan(2000);
  });
});

describe("a list of instances", () => {
  const postInstances = (instances: unknown) => post(JSON.stringify({ instances }), { "content-type": json });

  it("has a prediction for each, an error where one fails", async () => {
    const response = await postInstances([{ image: images[0] }, {}, images[1], null, { item_id: itemId }]);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, json]);
    const { predictions, ...others } = (await response.json()) as Readonly<{ predictions: readonly Answer[] }>;
    expect(others).toEqual({});
    const alone = await Promise.all([{ image: images[0] }, { image: images[1] }, { item_id: itemId }].map(oneByOne));
    const [first, second, third] = alone.map(outcome);
    expect(predictions.map(outcome)).toEqual([first, "body_malformed", second, "body_malformed", third]);
  });

  it("may be empty", async () => {
    expect(await (await postInstances([])).json()).toEqual({ predictions: [] });
  });

  it.each([
    ["no list", { item_id: "a" }, 400],
    ["more than a thousand", Array(1001).fill({}), 422],
  ])("is refused with %s", async (_, instances, status) => {
    expect((await postInstances(instances)).status).toBe(status);
  });
});
