import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { anItemId, expectOutfit, image, jpegOfSize, noisyPng, png, typed } from "../support/contract-bodies.js";
import { ask, parse } from "../support/contract-request.js";
import { ownCheck, startOwnServer, useContractTarget } from "../support/contract-target.js";
import type { ServerProcess } from "../support/server-process.js";

// sagemaker-contract.md, section 8, checks 11 and 16: how much a body may be, and what becomes of its lines.

const target = useContractTarget();
const mebibyte = 1024 * 1024;
const jpegType = typed("image/jpeg");
const lineType = typed("application/jsonlines");

/** One and the same piece, again and again; nobody has to hold all of it. */
function* pieces(bytes: number, piece = Buffer.alloc(mebibyte, 0x5a)): Generator<Uint8Array> {
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, left);
}

/** What the target says of its limit when it refuses more than any server takes. */
async function limitOf(url: string): Promise<number> {
  const headers = { ...jpegType, "content-length": String(1100 * mebibyte), expect: "100-continue" };
  const answer = await ask(url, { method: "POST", headers, isUnfinished: true });
  expect(answer.status).toBe(413);
  return parse(answer).error.details.limit_bytes;
}

/** The most memory that the process has ever had, in bytes. */
async function peakOf({ child }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

describe("check 11", () => {
  it("check 11: a picture of 6 MiB that is worth as many bytes is answered", async () => {
    const answer = await ask(target.url(), { headers: typed("image/png"), body: noisyPng(6 * mebibyte) });
    expect(answer.status).toBe(200);
    expectOutfit(parse(answer));
  });

  it.each([25_000_000, 25 * mebibyte])("check 11: a picture of %i bytes is answered", async (bytes) => {
    const answer = await ask(target.url(), { headers: jpegType, body: jpegOfSize(bytes) });
    expect(answer.status).toBe(200);
    expectOutfit(parse(answer));
  });

  it("check 11: more than the limit is refused before it is sent when its length is declared", async () => {
    const limit = await limitOf(target.url());
    const headers = { ...jpegType, "content-length": String(limit + 1) };
    // Nothing of the body follows: the answer waits for none of it.
    const answer = await ask(target.url(), { method: "POST", headers, isUnfinished: true });
    expect([answer.status, parse(answer).error]).toMatchObject([413, { code: "body_too_large" }]);
  });

  it("check 11: more than the limit is refused where the limit is when its length is not declared", async () => {
    const limit = await limitOf(target.url());
    const answer = await ask(target.url(), { headers: jpegType, body: pieces(20 * limit) });
    expect([answer.status, parse(answer).error]).toMatchObject([413, { code: "body_too_large" }]);
    // The caller goes on until it has seen the answer.
    expect(answer.sentBytes).toBeLessThan(10 * limit);
    expect((await ask(target.url(), { headers: typed("image/png"), body: png })).status).toBe(200);
  });

  ownCheck("check 11: a caller who sends on after that fills no memory", async () => {
    const { server, url } = await startOwnServer();
    const before = await peakOf(server);
    const body = pieces(500 * mebibyte);
    const answer = await ask(url, { headers: jpegType, body, isStubborn: true });
    expect(answer.status).toBe(413);
    const grownMb = (await peakOf(server)) / mebibyte - before / mebibyte;
    console.log(`500 MiB against a limit of 25: ${grownMb.toFixed(0)} MiB more at the most`);
    expect(grownMb).toBeLessThan(250);
    expect((await ask(url, { headers: typed("image/png"), body: png })).status).toBe(200);
  });

  ownCheck("check 11: a batch job's 100 MB are answered line by line, one byte more is refused", async () => {
    const { server, url } = await startOwnServer({ SAGEMAKER_BATCH: "true" });
    const [count, bytes] = [20, 100 * mebibyte];
    function* lines(): Generator<Uint8Array> {
      for (let number = 0; number < count; number++) {
        const record = `{"image":"${jpegOfSize(3_900_000, number).toString("base64")}"`;
        yield Buffer.from(`${record.padEnd(bytes / count - 2)}}\n`);
      }
    }
    const before = await peakOf(server);
    const answer = await ask(url, { headers: { ...lineType, "content-length": String(bytes) }, body: lines() });
    expect(answer.status).toBe(200);
    const rows = answer.body.toString().split("\n");
    expect(rows).toHaveLength(count);
    for (const row of rows) expectOutfit(JSON.parse(row));
    console.log(`100 MiB in lines: ${((await peakOf(server)) / mebibyte - before / mebibyte).toFixed(0)} MiB more`);
    const headers = { ...lineType, "content-length": String(bytes + 1) };
    const refused = await ask(url, { headers, body: pieces(bytes + 1) });
    expect(refused.status).toBe(413);
    expect(parse(refused).error.details).toEqual({ limit_bytes: bytes, declared_bytes: bytes + 1 });
  });

  ownCheck("check 11: SAGEMAKER_MAX_PAYLOAD_IN_MB is the limit where the job sets one", async () => {
    const { url } = await startOwnServer({ SAGEMAKER_BATCH: "true", SAGEMAKER_MAX_PAYLOAD_IN_MB: "1" });
    expect((await ask(url, { headers: jpegType, body: jpegOfSize(mebibyte) })).status).toBe(200);
    const refused = await ask(url, { headers: jpegType, body: jpegOfSize(mebibyte + 1) });
    expect([refused.status, parse(refused).error.details.limit_bytes]).toEqual([413, mebibyte]);
  });

  it("check 11: no bytes at all are 400, and the next request is answered", async () => {
    for (const type of ["application/json", "image/png"]) {
      const answer = await ask(target.url(), { headers: typed(type), body: "" });
      expect([answer.status, parse(answer).error.code]).toEqual([400, "body_empty"]);
    }
    expect((await ask(target.url(), { headers: typed("image/png"), body: png })).status).toBe(200);
  });
});

describe("check 16", () => {
  type Row = Readonly<{
    recommendations?: readonly Readonly<{ item_id: string }>[];
    error?: Readonly<{ code: string }>;
  }>;
  const send = async (body: string): Promise<string> => {
    const answer = await ask(target.url(), { headers: lineType, body });
    expect([answer.status, answer.headers["content-length"]]).toEqual([200, String(answer.body.length)]);
    return answer.body.toString();
  };
  const rowsOf = (text: string) => (text === "" ? [] : text.split("\n").map((row) => JSON.parse(row) as Row));
  const codes = (rows: readonly Row[]) => rows.map(({ error }) => error?.code ?? "ok");
  const itemsOf = ({ recommendations, error }: Row) => error?.code ?? recommendations?.map(({ item_id }) => item_id);
  const itemLine = async () => JSON.stringify({ item_id: await anItemId(target.url()), top_k: 1 });
  /** Every name in an answer, however deep. */
  const namesIn = (value: unknown): readonly string[] =>
    value === null || typeof value !== "object"
      ? []
      : Object.entries(value).flatMap(([name, inner]) => [...(Array.isArray(value) ? [] : [name]), ...namesIn(inner)]);

  it("check 16: as many lines come back as were sent, in their order", async () => {
    // Every line wants another number of items, and no more than there are.
    const wanted = Array.from({ length: 60 }, (_, at) => 1 + ((at * 7) % 4));
    const item = await anItemId(target.url());
    const lines = wanted.map((top_k) => JSON.stringify({ item_id: item, mode: "similar", top_k }));
    const rows = rowsOf(await send(`${lines.join("\n")}\n`));
    expect(rows.map(({ recommendations }) => recommendations?.length)).toEqual(wanted);
  });

  it("check 16: carriage returns, blank lines and a missing last line feed cost no line and make none", async () => {
    const good = await itemLine();
    const bodies: readonly (readonly [string, readonly string[]])[] = [
      [`${good}\r\n${good}\r\n`, ["ok", "ok"]],
      [`${good}\n\n${good}\n`, ["ok", "body_empty", "ok"]],
      [`${good}\n${good}`, ["ok", "ok"]],
      [`\r\n${good}\n`, ["body_empty", "ok"]],
      ["", []],
    ];
    for (const [body, expected] of bodies) {
      const text = await send(body);
      expect(codes(rowsOf(text)), JSON.stringify(body)).toEqual(expected);
      expect(text.endsWith("\n")).toBe(false);
    }
  });

  it("check 16: a line of 5 MB is answered as a short one", async () => {
    const short = JSON.stringify({ image });
    const [first, long] = rowsOf(await send(`${short}\n${short.replace("}", "").padEnd(5_000_000)}}\n`));
    expect(long!.recommendations).not.toHaveLength(0);
    expect(itemsOf(long!)).toEqual(itemsOf(first!));
  });

  it("check 16: a broken line in the middle has an error in its place, and its neighbors have their answers", async () => {
    const good = await itemLine();
    const text = await send([good, '{"item_id": ', good, '{"image":"aGVsbG8="}', good].join("\n"));
    expect(codes(rowsOf(text))).toEqual(["ok", "body_malformed", "ok", "image_undecodable", "ok"]);
  });

  it("check 16: no answer has a name that the platform needs when it joins input and output", async () => {
    const rows = rowsOf(await send([await itemLine(), JSON.stringify({ image, explain: true }), "{"].join("\n")));
    const names = new Set(namesIn(rows));
    expect(names).toContain("item_id");
    expect([...names].filter((name) => /^SageMaker/i.test(name))).toEqual([]);
  });

  it.each([1, 3, 100])(
    "check 16: a job of %i lines a request makes a file with an answer for each line",
    async (many) => {
      const good = await itemLine();
      const file = [good, JSON.stringify({ image }), "{", good, "", good, "null"].map((line) => `${line}\n`);
      let assembled = "";
      for (let at = 0; at < file.length; at += many) {
        // As the platform's local mode puts it together: the answers as they are, with a line feed after each.
        assembled += `${await send(file.slice(at, at + many).join(""))}\n`;
      }
      expect(assembled.endsWith("\n")).toBe(true);
      expect(codes(rowsOf(assembled.slice(0, -1)))).toEqual([
        ...["ok", "ok", "body_malformed", "ok", "body_empty", "ok", "body_malformed"],
      ]);
    },
  );
});
