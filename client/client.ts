import type { S3ClientConfig } from "@aws-sdk/client-s3";
import { type AsyncTicket, type AsyncTimes, createAsyncSubmitter } from "./async-submitter.js";
import { collectAnswer } from "./collect-answer.js";
import { createEndpointSender, type EndpointSettings } from "./endpoint-sender.js";
import { type PlacedQuestion, placeInput } from "./place-input.js";
import { type Question, toWireRequest } from "./question.js";
import { type Reply, readReply } from "./reply.js";
import { type RetryRules, usualRetries, withRetries } from "./retry.js";
import { createS3Store } from "./s3-store.js";
import type { Sender } from "./sender.js";
import { createUrlSender, type UrlSettings } from "./url-sender.js";
import { realWaiting, type Waiting } from "./waiting.js";

export { type AsyncNotification, createNotificationReader } from "./async-notification.js";
export type { AsyncTicket } from "./async-submitter.js";
export { type InvokeCode, InvokeError } from "./invoke-error.js";
export type { Question } from "./question.js";
export type { Reply, ReplyRow } from "./reply.js";

/** A service to ask. Any number of questions may be under way at once. */
export type Client = Readonly<{
  /** @throws InvokeError; the signal's reason */
  invoke: (question: Question, signal?: AbortSignal) => Promise<Reply>;
  close: () => void;
}>;

export type ClientSettings = Readonly<{ retries?: Partial<RetryRules>; waiting?: Waiting }>;

/** Asks a server by its address. @throws RangeError when the address is none */
export function createUrlClient(settings: UrlSettings & ClientSettings): Client {
  return createClient(createUrlSender(settings), settings);
}

/** Asks a SageMaker endpoint. @throws Error when no region is named anywhere */
export async function createEndpointClient(settings: EndpointSettings & ClientSettings): Promise<Client> {
  return createClient(await createEndpointSender(settings), settings);
}

function createClient({ send, close }: Sender, { retries, waiting = realWaiting }: ClientSettings): Client {
  const rules = { ...usualRetries, ...retries };
  return {
    invoke: async (question, signal = new AbortController().signal) => {
      const request = toWireRequest(question, "header");
      return readReply(await withRetries(() => send(request, signal), { rules, waiting, signal }));
    },
    close,
  };
}

export type AsyncSettings = EndpointSettings &
  AsyncTimes &
  ClientSettings &
  Readonly<{
    /** `s3://bucket/folder` for questions that are too large to send; those are refused without one. */
    inputFolder?: string | undefined;
    s3?: S3ClientConfig;
  }>;

/** How long an answer is waited for, in ms: the platform's own 15 minutes for the model, and its start from nothing. */
export const usualDeadlineMs = 20 * 60_000;

export type CollectSettings = Readonly<{
  signal?: AbortSignal | undefined;
  deadlineMs?: number | undefined;
  onPending?: ((waitedMs: number) => void) | undefined;
}>;

/** An asynchronous endpoint to ask. */
export type AsyncClient = Readonly<{
  /** Hands a question in, or a picture that lies in S3 already. @throws InvokeError; the signal's reason */
  submit: (question: Question | PlacedQuestion, signal?: AbortSignal) => Promise<AsyncTicket>;
  /** Waits for its answer. @throws InvokeError; the signal's reason */
  collect: (ticket: AsyncTicket, settings?: CollectSettings) => Promise<Reply>;
  close: () => void;
}>;

/** @throws Error when no region is named anywhere */
export async function createAsyncClient(settings: AsyncSettings): Promise<AsyncClient> {
  const { retries, waiting = realWaiting, inputFolder } = settings;
  const rules = { ...usualRetries, ...retries };
  const [submitter, store] = await Promise.all([
    createAsyncSubmitter(settings),
    createS3Store(settings.region, settings.s3),
  ]);
  return {
    submit: async (question, signal = new AbortController().signal) => {
      const input = await placeInput(question, { store, inputFolder, signal });
      return withRetries(() => submitter.submit(input, signal), { rules, waiting, signal });
    },
    collect: async (ticket, { signal = new AbortController().signal, deadlineMs = usualDeadlineMs, onPending } = {}) =>
      readReply(await collectAnswer(ticket, { store, waiting, signal, deadlineMs, onPending })),
    close: () => {
      submitter.close();
      store.close();
    },
  };
}
