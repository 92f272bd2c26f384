import { readFile } from "node:fs/promises";
import { createAsyncClient, createEndpointClient, type Question, type Reply } from "../../client/client.js";
import type { EndpointSpec } from "../../deploy/spec.js";
import { type Golden, type Verified, verifyAnswers } from "../../deploy/verify.js";
import { toPngBytes } from "../adapters/png-bytes.js";
import { defaultProfile } from "../domain/profile.js";
import type { Query } from "../domain/query.js";
import { toReply } from "../http/to-reply.js";
import { type OpenPipeline, openPipeline } from "../open-pipeline.js";
import { tell } from "./output.js";
import { toPipelineOptions } from "./pipeline-options.js";

/** What a new endpoint's answers are held against. */
export type VerifySettings = Readonly<{
  /** The folder of the artifact that was deployed; without one an endpoint only has to answer. */
  artifact: string | null;
  photo: string | null;
}>;

const itemQuestions = 3;

/**
 * Asks the endpoint what the artifact at hand answers itself: for some of its own items, for a computed picture, and for a
 * photo where one is given. Without an artifact it has to answer the picture.
 * @throws Error when the artifact or photo cannot be read; InvokeError when the endpoint does not answer
 */
export async function verifyEndpoint(
  spec: EndpointSpec,
  settings: VerifySettings,
  signal: AbortSignal,
): Promise<Verified> {
  const picture = settings.photo === null ? drawTestPicture() : await readFile(settings.photo);
  const { ask, close } = await openAsk(spec, signal);
  try {
    if (settings.artifact === null) {
      await ask({ image: picture });
      return { asked: 1, differences: [] };
    }
    return await verifyAnswers(await makeGoldens(settings.artifact, picture), ask);
  } finally {
    close();
  }
}

type Ask = Readonly<{ ask: (question: Question) => Promise<Reply>; close: () => void }>;

async function openAsk(spec: EndpointSpec, signal: AbortSignal): Promise<Ask> {
  const place = { endpointName: spec.name, region: spec.region };
  if (spec.mode !== "async") {
    const client = await createEndpointClient(place);
    return { ask: (question) => client.invoke(question, signal), close: client.close };
  }
  const client = await createAsyncClient(place);
  const onPending = (waitedMs: number) => tell(`waiting for the answer in S3, ${Math.round(waitedMs / 1000)} s so far`);
  const ask = async (question: Question) =>
    client.collect(await client.submit(question, signal), { signal, onPending });
  return { ask, close: client.close };
}

async function makeGoldens(artifact: string, picture: Uint8Array): Promise<readonly Golden[]> {
  const pipeline = await openPipeline(toPipelineOptions(artifact, 1));
  try {
    const { items } = pipeline.catalog;
    const goldens: Golden[] = [];
    for (let i = 0; i < Math.min(itemQuestions, items.length); i++) {
      const { id } = items.at(Math.floor((i * items.length) / itemQuestions))!;
      const expected = await answer(pipeline, { kind: "item", id });
      goldens.push({ name: `item ${id}`, question: { item_id: id }, expected });
    }
    const expected = await answer(pipeline, { kind: "image", bytes: picture });
    return [...goldens, { name: "the picture", question: { image: picture }, expected }];
  } finally {
    await pipeline.close();
  }
}

async function answer({ recommend, facts, catalog }: OpenPipeline, source: Query["source"]): Promise<Reply> {
  const query: Query = {
    ...{ source, mode: "outfit", profile: defaultProfile, gender: null, category: null },
    ...{ topK: null, itemsPerCategory: null, excludeIds: [], explain: false },
  };
  return toReply(await recommend(query, new AbortController().signal), { facts, items: catalog.items });
}

const side = 224;

/** A red shirt, as far as rectangles go, on white. */
function drawTestPicture(): Uint8Array {
  const pixels = new Uint8Array(side * side * 3).fill(255);
  for (let y = 50; y < 200; y++) {
    const [from, to] = y < 100 ? [30, 194] : [70, 154];
    for (let x = from; x < to; x++) pixels.set([176, 32, 48], (y * side + x) * 3);
  }
  return toPngBytes({ width: side, height: side, pixels });
}
