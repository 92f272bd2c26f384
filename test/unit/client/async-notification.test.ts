import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createNotificationReader, parseAsyncNotification } from "../../../client/async-notification.js";

/** The shape captured from the platform: `sagemaker-contract.md`, 3.3. */
const completed = {
  awsRegion: "eu-west-1",
  eventTime: "2026-01-01T00:00:00Z",
  receivedTime: "2026-01-01T00:00:00Z",
  invocationStatus: "Completed",
  requestParameters: { endpointName: "looks", inputLocation: "s3://in/a" },
  responseParameters: { contentType: "application/json", outputLocation: "s3://out/a.out" },
  inferenceId: "one",
  eventVersion: "1.0",
  eventSource: "aws:sagemaker",
  eventName: "InferenceResult",
};
const failed = {
  ...completed,
  invocationStatus: "Failed",
  responseParameters: undefined,
  failureReason: "ClientError: Received client error (400) from model",
};

function parse(message: object) {
  return parseAsyncNotification(JSON.stringify(message));
}

describe("a message of an asynchronous endpoint", () => {
  it("tells where an answer is", () => {
    expect(parse(completed)).toEqual({
      kind: "completed",
      inferenceId: "one",
      outputLocation: "s3://out/a.out",
      body: null,
    });
  });

  it("may carry the answer", () => {
    const content = Buffer.from('{"recommendations":[]}').toString("base64");
    const notification = parse({ ...completed, responseBody: { content, encoding: "BASE64", message: "" } });
    expect(notification).toMatchObject({ body: Buffer.from('{"recommendations":[]}') });
    expect(parse({ ...completed, responseBody: { content: "%%", encoding: "BASE64" } })).toMatchObject({ body: null });
  });

  it("tells why there is none", () => {
    expect(parse(failed)).toEqual({ kind: "failed", inferenceId: "one", reason: failed.failureReason });
    const { reason } = parse({ ...failed, failureReason: "x".repeat(9000) }) as { reason: string };
    expect(reason).toHaveLength(2048);
  });

  it("comes in an envelope or without", () => {
    expect(parse({ Type: "Notification", MessageId: "1", Message: JSON.stringify(completed) })).toEqual(
      parse(completed),
    );
  });

  it.each([{ eventName: "TestNotification" }, { eventName: "SomethingNew", inferenceId: "one" }])(
    "that is no result is nobody's to act on: %j",
    (message) => {
      expect(parse(message)).toEqual({ kind: "other", eventName: message.eventName });
    },
  );

  it.each([
    "",
    "null",
    "[]",
    "{",
    '{"Message":"hello"}',
    JSON.stringify({ ...completed, inferenceId: 7 }),
    JSON.stringify({ ...completed, invocationStatus: "Perhaps" }),
    JSON.stringify({ ...completed, responseParameters: { outputLocation: "file:///etc/passwd" } }),
  ])("is none where it says nothing: %s", (text) => {
    expect(parseAsyncNotification(text)).toBeNull();
  });

  it("never throws, whatever somebody writes to the topic", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
        ),
        (text) => {
          parseAsyncNotification(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("a reader of messages", () => {
  it("hands on the first of each question, whichever came first", () => {
    const read = createNotificationReader();
    const texts = [failed, { ...completed, inferenceId: "two" }, completed, failed].map((each) => JSON.stringify(each));
    expect(texts.map((text) => read(text)?.kind ?? null)).toEqual(["failed", "completed", null, null]);
  });

  it("remembers so many and no more", () => {
    const read = createNotificationReader(2);
    const ofId = (inferenceId: string) => JSON.stringify({ ...completed, inferenceId });
    expect(["a", "b", "c", "b", "a"].map((id) => read(ofId(id)) !== null)).toEqual([true, true, true, false, true]);
  });
});
