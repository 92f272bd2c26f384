import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import type { OpenPipeline } from "../../src/open-pipeline.js";
import { aFolder } from "../support/a-folder.js";
import { openPipeline, pipelineOptions } from "../support/compiled-pipeline.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

it("a catalog that another one has replaced is let go of", async () => {
  const options = { ...pipelineOptions, artifactFolder: await writeTinyArtifact(await aFolder()) };
  const open = async (beside?: OpenPipeline) => {
    const pipeline = await openPipeline(options, beside);
    await pipeline.warmUp();
    return pipeline;
  };
  let serving = await open();
  const catalogs = [new WeakRef(serving.catalog)];
  for (let reloads = 0; reloads < 3; reloads++) {
    const before = serving;
    serving = await open(before);
    catalogs.push(new WeakRef(serving.catalog));
    await before.close();
  }
  const held = async () => {
    await nextTurn();
    collectGarbage();
    return catalogs.filter((each) => each.deref() !== undefined).length;
  };
  await expect.poll(held).toBeLessThanOrEqual(2);
  expect(catalogs.at(-1)!.deref()).toBe(serving.catalog);
  await serving.close();
});
