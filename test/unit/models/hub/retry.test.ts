import { expect, test } from "vitest";
import { passingFailure, withRetries } from "../../../../models/hub/retry.js";

/** Tries that fail as told, one after the other, and then succeed. */
function attempts(failures: readonly Error[]) {
  const left = [...failures];
  const waitsMs: number[] = [];
  const options = {
    wait: async (ms: number) => void waitsMs.push(ms),
    signal: new AbortController().signal,
    tell: () => {},
  };
  const attempt = async () => {
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return "done";
  };
  return { attempt, options, waitsMs };
}

const times = (count: number, afterMs: number | null = null) =>
  Array.from({ length: count }, () => passingFailure("outage", afterMs));

test("pauses grow from try to try", async () => {
  const { attempt, options, waitsMs } = attempts(times(5));
  expect(await withRetries(attempt, options)).toBe("done");
  expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
});

test("six tries without progress are enough", async () => {
  const { attempt, options } = attempts(times(6));
  await expect(withRetries(attempt, options)).rejects.toThrow("outage (tried 6 times)");
});

test("what cannot pass is not tried again", async () => {
  const { attempt, options, waitsMs } = attempts([new Error("no such file")]);
  await expect(withRetries(attempt, options)).rejects.toThrow(/^no such file$/);
  expect(waitsMs).toEqual([]);
});

test("progress counts the tries anew, a few bytes do not", async () => {
  const grow = async (bytesATry: number) => {
    const { attempt, options, waitsMs } = attempts(times(20));
    let bytes = 0;
    const result = withRetries(
      async () => {
        bytes += bytesATry;
        return attempt();
      },
      options,
      () => bytes,
    );
    return { result: await result.catch((error: Error) => error.message), tries: waitsMs.length };
  };
  expect(await grow(1 << 20)).toEqual({ result: "done", tries: 20 });
  expect(await grow(1_000)).toEqual({ result: "outage (tried 6 times)", tries: 5 });
});

test("a pause that was asked for is kept within its bounds", async () => {
  const { attempt, options, waitsMs } = attempts([...times(1, 7_000), ...times(1, 0), ...times(1, 9e9)]);
  await withRetries(attempt, options);
  expect(waitsMs).toEqual([7_000, 1_000, 300_000]);
});

test("nothing is tried once it was aborted", async () => {
  const { attempt, options } = attempts([]);
  const signal = AbortSignal.abort(new Error("interrupted"));
  await expect(withRetries(attempt, { ...options, signal })).rejects.toThrow("interrupted");
});
