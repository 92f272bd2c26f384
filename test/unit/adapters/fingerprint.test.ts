import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { toFeatureKey } from "../../../src/adapters/fingerprint.js";

const made = ["model", "clip-exact-224", "palette"];

it("names the exact bytes, whatever their size, and all that is made of them", async () => {
  const [one, other] = [new Uint8Array(1000), new Uint8Array(1000).fill(1, 999)];
  const large = new Uint8Array(2 ** 20 + 1).fill(7);
  const keys = [
    await toFeatureKey(one, made),
    await toFeatureKey(other, made),
    await toFeatureKey(large, made),
    await toFeatureKey(large.subarray(1), made),
    await toFeatureKey(one, ["model", "clip-exact-224", "palette mean"]),
    await toFeatureKey(one, ["another", "clip-exact-224", "palette"]),
    await toFeatureKey(one, ["model", "clip-fast-224", "palette"]),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(await toFeatureKey(new Uint8Array(1000), made)).toBe(keys[0]);
  expect(keys[2]!.split("\n")[0]).toBe(createHash("sha256").update(large).digest("hex"));
});

it("looks at the view's own bytes, not at the buffer below", async () => {
  const buffer = Uint8Array.from([1, 2, 3, 4]);
  expect(await toFeatureKey(buffer.subarray(1, 3), made)).toBe(await toFeatureKey(Uint8Array.of(2, 3), made));
  const large = new Uint8Array(2 ** 21).map((_, at) => at);
  const view = large.subarray(3, 3 + 2 ** 20 + 5);
  expect(await toFeatureKey(view, made)).toBe(await toFeatureKey(view.slice(), made));
});
