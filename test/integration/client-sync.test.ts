import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type Client,
  createEndpointClient,
  createUrlClient,
  type InvokeError,
  type Question,
} from "../../client/client.js";
import { maxSyncBytes, toSdkSettings } from "../../client/endpoint-sender.js";
import { usualSilenceMs } from "../../client/sender.js";
import { startOwnServer } from "../support/contract-target.js";
import { startEndpointFront } from "../support/endpoint-front.js";
import { freePort } from "../support/free-port.js";
import { startHost, startRawHost } from "../support/image-host.js";
import { testIdentity } from "../support/object-store.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const picture = tinyPicture([200, 30, 40]);
let url = "";
beforeAll(async () => {
  ({ url } = await startOwnServer());
});

const never = { now: () => 0, sleep: () => Promise.reject(new Error("waited")), random: () => 0 };

function ask(client: Client, question: Question, signal?: AbortSignal) {
  onTestFinished(() => client.close());
  return client.invoke(question, signal);
}

/** Through a front with this server as its endpoint `looks`. */
async function viaEndpoint(fields: Partial<Parameters<typeof createEndpointClient>[0]> = {}) {
  const front = await startEndpointFront({ endpoints: { looks: { blue: url, green: `${url}/nothing-here` } } });
  const client = await createEndpointClient({ endpointName: "looks", sdk: front.sdk, waiting: never, ...fields });
  onTestFinished(() => client.close());
  return { front, client };
}

async function failureOf(work: Promise<unknown>): Promise<InvokeError> {
  return work.then(
    () => expect.fail("there was an answer"),
    (error) => error,
  );
}

const ways: readonly [string, () => Promise<Client>][] = [
  ["by its address", async () => createUrlClient({ url, waiting: never })],
  ["through InvokeEndpoint", async () => (await viaEndpoint()).client],
];

describe.each(ways)("a server asked %s", (_name, toClient) => {
  it("answers a picture with its options", async () => {
    const reply = await ask(await toClient(), { image: picture, top_k: 2, gender: "male", profile: "v5" });
    expect(reply.recommendations).toHaveLength(2);
    expect(reply).toMatchObject({ profile: "v5", mode: "outfit" });
    expect(reply.query_item.dominant_color_rgb).toEqual([200, 30, 40]);
  });

  it("answers a picture with more options than a header takes", async () => {
    const everything = await ask(await toClient(), { image: picture });
    const ids = Array.from({ length: 200 }, (_, number) => `an item that is not there, number ${number}`);
    const excluded = everything.recommendations[0]!.item_id;
    const reply = await ask(await toClient(), { image: picture, exclude_ids: [...ids, excluded] });
    expect(reply.recommendations.map(({ item_id }) => item_id)).not.toContain(excluded);
  });

  it("answers an option with any characters as a body would", async () => {
    const odd = 'a=b,c;d "é" %41';
    const { code, message } = await failureOf(ask(await toClient(), { image: picture, gender: odd } as never));
    expect(code).toBe("option_invalid");
    expect(message).toContain("gender");
    const reply = await ask(await toClient(), { image: picture, exclude_ids: [odd], top_k: 1 });
    expect(reply.recommendations).toHaveLength(1);
  });

  it("answers without a picture, too", async () => {
    const { recommendations } = await ask(await toClient(), { image: picture, mode: "similar", top_k: 1 });
    const item_id = recommendations[0]!.item_id;
    const reply = await ask(await toClient(), { item_id, mode: "similar", top_k: 3 });
    expect(reply.recommendations).toHaveLength(3);
  });

  it.each([
    ["no picture", { image: Buffer.from("no picture") }, "image_undecodable", 422],
    ["no bytes", { image: new Uint8Array() }, "body_empty", 400],
    ["an unknown item", { item_id: "nobody" }, "item_unknown", 422],
    ["an option that is none", { image: picture, top_k: 0 }, "option_invalid", 422],
  ])("refuses %s with the service's own words, once", async (_what, question, code, status) => {
    const error = await failureOf(ask(await toClient(), question));
    expect(error).toMatchObject({ name: "InvokeError", code, status, isRetryable: false });
  });

  it("is not asked after an abort", async () => {
    const reason = new Error("no longer wanted");
    await expect(ask(await toClient(), { image: picture }, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("answers many at once, each its own", async () => {
    const client = await toClient();
    const colors = Array.from({ length: 12 }, (_, number) => [20 * number, 90, 60] as const);
    const replies = await Promise.all(colors.map((color) => ask(client, { image: tinyPicture(color) })));
    expect(replies.map(({ query_item }) => query_item.dominant_color_rgb)).toEqual(colors);
  });
});

describe("an endpoint", () => {
  it("gets a picture as it is, its options beside it", async () => {
    const { front, client } = await viaEndpoint();
    await client.invoke({ image: picture, top_k: 2 });
    expect(front.calls).toMatchObject([{ bodyBytes: picture.length }]);
    expect(front.calls[0]!.headers).toMatchObject({
      "content-type": "application/x-image",
      "x-amzn-sagemaker-custom-attributes": "top_k=2",
    });
  });

  it("is not sent more than 6 MiB, and the way out is told", async () => {
    const { front, client } = await viaEndpoint();
    const error = await failureOf(client.invoke({ image: new Uint8Array(maxSyncBytes + 1) }));
    expect(error).toMatchObject({ code: "body_too_large_for_sync", status: null, isRetryable: false });
    expect(error.message).toMatch(/6\.0 MiB.*asynchronous.*invoke async/);
    expect(front.calls).toEqual([]);
    expect(await failureOf(client.invoke({ image: new Uint8Array(maxSyncBytes) }))).toMatchObject({
      code: "image_undecodable",
    });
  });

  it("is asked for one variant", async () => {
    const { client } = await viaEndpoint({ variant: "green" });
    expect(await failureOf(client.invoke({ image: picture }))).toMatchObject({ code: "route_unknown", status: 404 });
  });

  it.each([
    ["no such endpoint", { endpointName: "other" }, "platform_refused", 400],
    ["no such variant", { variant: "red" }, "platform_refused", 400],
  ])("says that there is %s", async (_what, fields, code, status) => {
    const { client } = await viaEndpoint(fields);
    expect(await failureOf(client.invoke({ image: picture }))).toMatchObject({ code, status });
  });

  it("does not know this identity", async () => {
    const front = await startEndpointFront({ endpoints: { looks: { blue: url } } });
    const sdk = { ...front.sdk, credentials: { ...testIdentity, accessKeyId: "AKIAOTHER" } };
    const client = await createEndpointClient({ endpointName: "looks", sdk, waiting: never });
    expect(await failureOf(ask(client, { image: picture }))).toMatchObject({ code: "identity_refused", status: 403 });
  });

  it("is not asked without an identity", async () => {
    const front = await startEndpointFront({ endpoints: { looks: { blue: url } } });
    const error = Object.assign(new Error("Could not load credentials"), { name: "CredentialsProviderError" });
    const sdk = { ...front.sdk, credentials: () => Promise.reject(error) };
    const client = await createEndpointClient({ endpointName: "looks", sdk, waiting: never });
    expect(await failureOf(ask(client, { image: picture }))).toMatchObject({ code: "identity_missing" });
    expect(front.calls).toEqual([]);
  });

  it("whose model does not answer in time is asked again, and no more often than said", async () => {
    const silent = await startHost(() => {});
    const endpoints = { looks: { blue: `http://127.0.0.1:${silent.port}` } };
    const front = await startEndpointFront({ endpoints, modelTimeoutMs: 20 });
    const waits: number[] = [];
    const waiting = { ...never, sleep: async (ms: number) => void waits.push(ms), random: () => 0.5 };
    const client = await createEndpointClient({ endpointName: "looks", sdk: front.sdk, waiting });
    const error = await failureOf(ask(client, { image: picture }));
    expect(error).toMatchObject({ code: "no_answer", status: 0, isRetryable: true });
    expect(error.message).toContain("server error (0)");
    expect(front.calls).toHaveLength(3);
    expect(waits).toEqual([250, 500]);
  });

  it("that is throttled is asked again", async () => {
    const busy = await startHost((_, response) => {
      response.writeHead(400, { "content-type": "application/json", "x-amzn-errortype": "ThrottlingException" });
      response.end('{"message":"Rate exceeded"}');
    });
    const sdk = { endpoint: `http://127.0.0.1:${busy.port}`, region: "eu-west-1", credentials: testIdentity };
    const waiting = { ...never, sleep: async () => {} };
    const client = await createEndpointClient({ endpointName: "looks", sdk, waiting });
    expect(await failureOf(ask(client, { image: picture }))).toMatchObject({ code: "throttled", isRetryable: true });
    expect(busy.seen).toHaveLength(3);
  });

  it("may be silent for longer than the platform gives its model", () => {
    expect(usualSilenceMs).toBeGreaterThanOrEqual(70_000);
    const { maxAttempts, requestHandler } = toSdkSettings({});
    expect({ maxAttempts, ...requestHandler }).toMatchObject({ maxAttempts: 1, socketTimeout: usualSilenceMs });
  });
});

describe("an address", () => {
  it.each(["localhost:8080", "ftp://localhost", "", "/invocations"])("is refused where it is none: %j", (text) => {
    expect(() => createUrlClient({ url: text })).toThrow(/is no address such as http:/);
  });

  it("where nobody listens is asked three times", async () => {
    const waits: number[] = [];
    const waiting = { ...never, sleep: async (ms: number) => void waits.push(ms) };
    const client = createUrlClient({ url: `http://127.0.0.1:${await freePort()}`, waiting });
    const error = await failureOf(ask(client, { image: picture }));
    expect(error).toMatchObject({ code: "no_answer", status: 0 });
    expect(error.message).toContain("ECONNREFUSED");
    expect(waits).toHaveLength(2);
  });

  it("that says when to come back is left alone until then", async () => {
    let asked = 0;
    const host = await startHost((_, response) => {
      if (asked++ > 0) return void response.end('{"recommendations":[]}');
      response.writeHead(429, { "retry-after": "3" }).end('{"error":{"code":"overloaded","retryable":true}}');
    });
    const waits: number[] = [];
    const waiting = { ...never, sleep: async (ms: number) => void waits.push(ms) };
    const client = createUrlClient({ url: `http://127.0.0.1:${host.port}`, waiting });
    expect(await ask(client, { image: picture })).toEqual({ recommendations: [] });
    expect(waits).toEqual([3000]);
  });

  it("that falls silent is given up", async () => {
    const host = await startHost(() => {});
    const retries = { maxAttempts: 1 };
    const client = createUrlClient({ url: `http://127.0.0.1:${host.port}`, silenceMs: 20, retries });
    const error = await failureOf(ask(client, { image: picture }));
    expect(error).toMatchObject({
      code: "no_answer",
      message: expect.stringContaining("nothing was heard for 0.02 s"),
    });
  });

  it("that breaks off in the middle of its answer gave none", async () => {
    const host = await startRawHost((socket) => {
      socket.once("data", () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{"recomm'));
    });
    const client = createUrlClient({ url: `http://127.0.0.1:${host.port}`, retries: { maxAttempts: 1 } });
    expect(await failureOf(ask(client, { image: picture }))).toMatchObject({ code: "no_answer", status: 0 });
  });

  it.each([
    ["a page", "<html>welcome</html>"],
    ["nothing", ""],
    ["other JSON", '{"predictions":[]}'],
  ])("that answers with %s is no such service", async (_what, text) => {
    const host = await startHost((_, response) => void response.end(text));
    const client = createUrlClient({ url: `http://127.0.0.1:${host.port}`, waiting: never });
    expect(await failureOf(ask(client, { image: picture }))).toMatchObject({ code: "answer_malformed" });
  });

  it("that never stops answering is cut", async () => {
    const host = await startHost((_, response) => {
      const chunk = Buffer.alloc(2 ** 20);
      const pour = () => {
        while (!response.destroyed && response.write(chunk));
        response.once("drain", pour);
      };
      pour();
    });
    const client = createUrlClient({ url: `http://127.0.0.1:${host.port}`, waiting: never });
    expect(await failureOf(ask(client, { image: picture }))).toMatchObject({ code: "answer_too_large" });
    await host.whenAlone();
  });

  it("is left when the caller no longer wants the answer", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const host = await startHost(() => controller.abort(reason));
    const client = createUrlClient({ url: `http://127.0.0.1:${host.port}`, waiting: never });
    await expect(ask(client, { image: picture }, controller.signal)).rejects.toBe(reason);
    await host.whenAlone();
  });
});
