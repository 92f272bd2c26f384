import { describe, expect, it } from "vitest";
import { createLatencies, toFigures } from "../../../../deploy/load/latencies.js";
import { createRequests } from "../../../../deploy/load/requests.js";

const pictures = [Buffer.from("first"), Buffer.from("second")];

describe("the requests of a load", () => {
  it("take the pictures by turns, with the options beside them", () => {
    const next = createRequests({ pictures, options: { top_k: 3 }, areDistinct: false, random: () => 0 });
    const requests = [next(), next(), next()];
    expect(requests.map(({ body }) => Buffer.from(body).toString())).toEqual(["first", "second", "first"]);
    expect(requests[0]).toMatchObject({ contentType: "application/x-image", attributes: "top_k=3" });
  });

  it("can each be of their own, within a run and between two", () => {
    const of = (random: number) => createRequests({ pictures, options: {}, areDistinct: true, random: () => random });
    const [one, other] = [of(0.1), of(0.2)];
    const bodies = [one(), one(), one(), other(), other()].map(({ body }) => Buffer.from(body).toString("hex"));
    expect(new Set(bodies).size).toBe(5);
    expect(bodies.every((body, place) => body.startsWith(pictures[place % 3 === 1 ? 1 : 0]!.toString("hex")))).toBe(
      true,
    );
  });

  it("need a picture", () => {
    expect(() => createRequests({ pictures: [], options: {}, areDistinct: true, random: () => 0 })).toThrow(RangeError);
  });
});

describe("the times of a load", () => {
  it("are told to a thousandth", () => {
    const latencies = createLatencies();
    for (let ms = 1; ms <= 1000; ms++) latencies.record(ms);
    const { p50, p99, max, mean, count } = toFigures(latencies);
    expect(count).toBe(1000);
    expect(p50! / 500).toBeCloseTo(1, 2);
    expect(p99! / 990).toBeCloseTo(1, 2);
    expect(max! / 1000).toBeCloseTo(1, 2);
    expect(mean! / 500.5).toBeCloseTo(1, 2);
  });

  it("may be very short, none at all, or longer than anybody waits", () => {
    expect(toFigures(createLatencies())).toMatchObject({ count: 0, p50: null, p99: null, max: null, mean: null });
    const latencies = createLatencies();
    for (const ms of [0, -3, 0.0001, 1e12]) latencies.record(ms);
    expect(latencies.at(0.5)).toBe(0.001);
    expect(latencies.max()! / 3_600_000).toBeCloseTo(1, 2);
  });
});
