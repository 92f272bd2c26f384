import { expect, it } from "vitest";
import { toExecutionParameters } from "../../../src/http/execution-parameters.js";

it.each([
  [null, null, 2, 2, 6],
  [null, null, 64, 16, 6],
  [20, null, 64, 5, 20],
  [100, 8, 4, 1, 100],
  [500, null, 4, 1, 100],
  [null, 10, 4, 10, 6],
  [0, 0, 4, 4, 6],
])(
  "a job of %j MB and %j requests at once, with %i lanes, runs %i of %i MB",
  (maxPayloadMb, maxConcurrentTransforms, lanes, concurrent, payload) => {
    const parameters = toExecutionParameters({
      maxPayloadMb,
      maxConcurrentTransforms,
      batchStrategy: null,
      lanes: () => lanes,
    });
    expect(parameters).toEqual({ MaxConcurrentTransforms: concurrent, MaxPayloadInMB: payload });
    expect(parameters.MaxConcurrentTransforms * parameters.MaxPayloadInMB).toBeLessThanOrEqual(100);
  },
);

it.each(["multi_record", "single_record"] as const)("repeats a job's own strategy, %s", (batchStrategy) => {
  const wishes = { maxPayloadMb: null, maxConcurrentTransforms: null, batchStrategy, lanes: () => 2 };
  expect(toExecutionParameters(wishes)).toMatchObject({ BatchStrategy: batchStrategy.toUpperCase() });
});
