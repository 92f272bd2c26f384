import { describe, expect, it } from "vitest";
import { anItemId, expectOutfit, freshPng, image, jpeg, png, typed } from "../support/contract-bodies.js";
import { ask, askRaw, parse } from "../support/contract-request.js";
import { ownCheck, startOwnServer, useContractTarget } from "../support/contract-target.js";

// sagemaker-contract.md, section 8, checks 8, 12 and 15: types, headers and the other routes.

const target = useContractTarget();
const json = "application/json";
const lineTypes = ["application/jsonlines", "application/x-ndjson"] as const;
const attributesHeader = "x-amzn-sagemaker-custom-attributes";

describe("check 8", () => {
  it.each([
    ["image/png", png],
    ["image/jpeg", jpeg],
    ["image/jpeg; charset=binary", jpeg],
    ["IMAGE/PNG", png],
    ["application/x-image", jpeg],
    ["application/octet-stream", png],
  ] as const)("check 8: a picture as %s is answered with an outfit in JSON", async (type, body) => {
    const answer = await ask(target.url(), { headers: typed(type), body });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, json]);
    expectOutfit(parse(answer));
  });

  it.each([json, "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])(
    "check 8: a picture in JSON as %s is, too",
    async (type) => {
      const answer = await ask(target.url(), { headers: typed(type), body: JSON.stringify({ image }) });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, json]);
      expectOutfit(parse(answer));
    },
  );

  it.each([...lineTypes, "application/jsonlines; charset=utf-8"])(
    "check 8: lines as %s are answered with as many in their own type",
    async (type) => {
      const body = `${JSON.stringify({ image })}\n${JSON.stringify({ image })}`;
      const answer = await ask(target.url(), { headers: typed(type), body });
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, type.split(";")[0]]);
      const rows = answer.body.toString().split("\n");
      expect(rows).toHaveLength(2);
      for (const row of rows) expectOutfit(JSON.parse(row));
    },
  );

  it("check 8: a list of instances is answered with a prediction for each", async () => {
    const body = JSON.stringify({ instances: [{ image }, image] });
    const { predictions } = parse(await ask(target.url(), { headers: typed(json), body }));
    expect(predictions).toHaveLength(2);
    for (const each of predictions) expectOutfit(each);
  });

  it.each([
    [null, 200],
    ["", 200],
    ["*/*", 200],
    ["application/json", 200],
    ["application/json; charset=utf-8", 200],
    ["text/plain;q=0.9, application/json;q=0.5", 200],
    ["text/html, */*;q=0.1", 200],
    ["text/csv", 406],
    ["application/json;q=0", 406],
  ])("check 8: Accept %j is %i", async (accept, status) => {
    const headers = { ...typed("image/png"), ...(accept === null ? {} : { accept }) };
    const answer = await ask(target.url(), { headers, body: png });
    expect(answer.status).toBe(status);
    if (status === 200) expectOutfit(parse(answer));
    else expect(parse(answer).error.code).toBe("accept_unsupported");
  });

  it.each(["text/csv", "application/x-npy", "application/jsonlinesx", "multipart/form-data; boundary=x", ""])(
    "check 8: content type %j is 415",
    async (type) => {
      const answer = await ask(target.url(), { headers: type === "" ? {} : typed(type), body: "1,2,3" });
      expect([answer.status, parse(answer).error.code]).toEqual([415, "media_type_unsupported"]);
    },
  );
});

describe("check 12", () => {
  /** What an answer must not have taken over from a caller. */
  function expectClean(raw: string): void {
    const [head = ""] = raw.split("\r\n\r\n");
    expect(head).toMatch(/^[\t\x20-\x7e\r\n]*$/);
    expect(head).not.toMatch(/^(set-cookie|x-injected):/im);
    const own = /^x-amzn-sagemaker-custom-attributes: *(.*)$/im.exec(head)?.[1] ?? "";
    expect(own.length).toBeLessThanOrEqual(1024);
  }

  /** A picture's request as its bytes, for names and values that a client would not send. */
  const rawRequest = (lines: readonly string[]) => {
    const body = Buffer.from(png).toString("latin1");
    const length = `Content-Length: ${png.length}`;
    return ["POST /invocations HTTP/1.1", "Host: x", "Connection: close", length, ...lines, "", body].join("\r\n");
  };

  it("check 12: 1,024 characters of Custom-Attributes are taken, one more is refused", async () => {
    const full = `top_k=1,trace=${"t".repeat(1010)}`;
    expect(full).toHaveLength(1024);
    const taken = await ask(target.url(), { headers: { ...typed("image/png"), [attributesHeader]: full }, body: png });
    expect([taken.status, parse(taken).recommendations.length]).toEqual([200, 1]);
    const more = await ask(target.url(), {
      headers: { ...typed("image/png"), [attributesHeader]: `${full}t` },
      body: png,
    });
    expect([more.status, parse(more).error.code]).toEqual([422, "option_invalid"]);
  });

  it.each([
    ["line breaks behind percent signs", "trace=a%0d%0aset-cookie: b=1%0d%0ax-injected: 1"],
    ["bytes that are no ASCII", "trace=\u00e9\u00ff"],
    ["an option of bytes that are no ASCII", "gender=%C3%A9%0d%0ax-injected:1"],
    ["more than there may be", `trace=${"x".repeat(5000)}`],
    ["a tab", "trace=\t1"],
  ])("check 12: an answer takes over nothing of Custom-Attributes that hold %s", async (_what, value) => {
    const lines = [`Content-Type: image/png`, `X-Amzn-SageMaker-Custom-Attributes: ${value}`];
    const raw = await askRaw(target.url(), rawRequest(lines));
    expect(raw).toMatch(/^HTTP\/1\.1 (200|422) /);
    expectClean(raw);
  });

  it("check 12: header names come in any case, and unknown ones do not matter", async () => {
    const names = [
      "CONTENT-TYPE: image/png",
      "x-AMZN-sagemaker-CUSTOM-attributes: top_k=1",
      "aCCEPT: application/json",
    ];
    const unknown = ["X-Amzn-SageMaker-Target-Variant: a", "X-Amzn-SageMaker-Session-Id: NEW_SESSION", "X-Whatever: 1"];
    const raw = await askRaw(target.url(), rawRequest([...names, ...unknown]));
    expect(raw).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.parse(raw.slice(raw.indexOf("\r\n\r\n"))).recommendations).toHaveLength(1);
  });

  ownCheck(
    "check 12: the inference id is on the request's log line, and only one that the platform can have sent",
    async () => {
      const { server, url } = await startOwnServer();
      const [id, longer] = ["an order: 66 {}", "i".repeat(65)];
      for (const each of [id, longer]) {
        const headers = { ...typed("image/png"), "X-Amzn-SageMaker-Inference-Id": each };
        expect((await ask(url, { headers, body: png })).status).toBe(200);
      }
      const logged = () =>
        server
          .stdout()
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line));
      await expect.poll(() => logged().filter(({ event }) => event === "request_finished").length).toBe(2);
      const ids = logged().flatMap(({ event, inference_id }) => (event === "request_finished" ? [inference_id] : []));
      expect(ids).toEqual([id, undefined]);
    },
  );
});

describe("check 15", () => {
  const parametersOf = async (url: string) => parse(await ask(url, { path: "/execution-parameters" }));

  it("check 15: /execution-parameters are whole numbers whose product is 100 at most", async () => {
    const answer = await ask(target.url(), { path: "/execution-parameters" });
    expect([answer.status, answer.headers["content-type"]]).toEqual([200, json]);
    const { MaxConcurrentTransforms, MaxPayloadInMB, BatchStrategy = "MULTI_RECORD", ...others } = parse(answer);
    expect(others).toEqual({});
    for (const each of [MaxConcurrentTransforms, MaxPayloadInMB]) {
      expect(Number.isInteger(each)).toBe(true);
      expect(each).toBeGreaterThan(0);
    }
    expect(MaxConcurrentTransforms * MaxPayloadInMB).toBeLessThanOrEqual(100);
    expect(BatchStrategy).toMatch(/^(MULTI|SINGLE)_RECORD$/);
  });

  ownCheck("check 15: they follow the job's own variables, within the platform's product", async () => {
    const job = { SAGEMAKER_BATCH: "True", SAGEMAKER_MAX_PAYLOAD_IN_MB: "20" };
    const wishes = { SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: "3", SAGEMAKER_BATCH_STRATEGY: "MULTI_RECORD" };
    const [{ url: usual }, { url: wished }, { url: tooMany }] = [
      await startOwnServer(),
      await startOwnServer({ ...job, ...wishes }),
      await startOwnServer({ ...job, SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: "64" }),
    ];
    expect(await parametersOf(usual)).toEqual({ MaxConcurrentTransforms: 1, MaxPayloadInMB: 6 });
    expect(await parametersOf(wished)).toEqual({
      ...{ MaxConcurrentTransforms: 3, MaxPayloadInMB: 20, BatchStrategy: "MULTI_RECORD" },
    });
    expect(await parametersOf(tooMany)).toEqual({ MaxConcurrentTransforms: 5, MaxPayloadInMB: 20 });
  });

  it("check 15: /metrics is Prometheus text", async () => {
    await ask(target.url(), { headers: typed("image/png"), body: freshPng() });
    const { status, headers, body } = await ask(target.url(), { path: "/metrics" });
    expect([status, headers["content-type"]]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)]);
    const comment = /^# (HELP|TYPE) [a-zA-Z_:][\w:]* .+$/;
    const sample = /^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)+\})? (NaN|[+-]?(Inf|\d[\d.e+-]*))$/;
    const lines = body
      .toString()
      .trimEnd()
      .split("\n")
      .filter((line) => line !== "");
    expect(lines.filter((line) => !comment.test(line) && !sample.test(line))).toEqual([]);
    expect(lines.some((line) => line.startsWith("stygig_requests_total{"))).toBe(true);
  });

  it("check 15: /metrics stays small, and a hundred readers at once stop no work", async () => {
    const url = target.url();
    const work = Promise.all([1, 2, 3, 4].map(() => ask(url, { headers: typed("image/png"), body: freshPng() })));
    const pages = await Promise.all(Array.from({ length: 100 }, () => ask(url, { path: "/metrics" })));
    for (const { status, body } of pages) {
      expect(status).toBe(200);
      // A scrape every few seconds costs next to nothing, however long the server has run.
      expect(body.length).toBeLessThan(200_000);
    }
    expect((await work).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it.each([
    ["GET", "/", 404],
    ["GET", "/models", 404],
    ["GET", "/ping/", 404],
    ["GET", "/invocations", 405],
    ["PUT", "/invocations", 405],
    ["POST", "/ping", 405],
    ["DELETE", "/metrics", 405],
    ["POST", "/execution-parameters", 405],
    ["POST", "/admin/reload", 404],
  ])("check 15: %s %s is %i", async (method, path, status) => {
    const answer = await ask(target.url(), { method, path });
    expect(answer.status).toBe(status);
    expect(parse(answer).error.code).toBe(status === 404 ? "route_unknown" : "method_not_allowed");
    expect(answer.headers.allow === undefined).toBe(status === 404);
  });

  it("check 15: an item of the catalog is known by its id", async () => {
    const body = JSON.stringify({ item_id: await anItemId(target.url()) });
    expect((await ask(target.url(), { headers: typed(json), body })).status).toBe(200);
  });
});
