import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ModelInput } from "../../src/domain/clip-input.js";
import { dotProduct, type Embedding } from "../../src/domain/embedding.js";
import type { DeviceFailure, ServingEncoder, ServingEncoderOptions } from "../../src/open-pipeline-encoder.js";
import { now } from "../../src/serving/clock.js";
import { aFolder } from "../support/a-folder.js";
import { aGate } from "../support/a-manifest.js";
import { openServingEncoder } from "../support/compiled-serving-encoder.js";
import { anInput } from "../support/encoder-contract.js";
import { type TinyEntry, writeTinyEncoder } from "../support/tiny-encoder.js";
import type { TinyModel } from "../support/tiny-model.js";

const encoders: ServingEncoder[] = [];
afterEach(async () => {
  await Promise.all(encoders.splice(0).map((encoder) => encoder.close()));
});

const black: ModelInput = { side: 224, data: new Uint8Array(224 * 224 * 3) };
const int8 = (fails: TinyModel["fails"]): TinyEntry => ({
  entry: { precision: "int8", weightBits: 8, gate: aGate() },
  graph: { fails },
});
const int7 = (fails: TinyModel["fails"]): TinyEntry => ({
  entry: { precision: "int8", weightBits: 7, gate: aGate() },
  graph: { fails },
});
const fp32 = (fails: TinyModel["fails"] = "never"): TinyEntry => ({ entry: { precision: "fp32" }, graph: { fails } });

/** The embedding, or whatever the one picture failed with. */
async function encodeOn(encoder: ServingEncoder, input: ModelInput): Promise<Embedding> {
  const [encoded] = await encoder.encodeAll([input]);
  if (!(encoded instanceof Float32Array)) throw encoded;
  return encoded;
}

type Opened = Readonly<{ encoder: ServingEncoder; failures: readonly DeviceFailure[]; folder: string }>;

async function open(entries: readonly TinyEntry[], options: Partial<ServingEncoderOptions> = {}): Promise<Opened> {
  const folder = await aFolder();
  await writeTinyEncoder(folder, {}, entries);
  const failures: DeviceFailure[] = [];
  const encoder = await openServingEncoder({
    folder,
    providers: ["cpu"],
    workers: 1,
    threads: 1,
    policy: "next",
    machine: { sumsBytesExactly: true, nvidiaDriver: null },
    reportFailure: (failure) => failures.push(failure),
    ...options,
  });
  encoders.push(encoder);
  return { encoder, failures, folder };
}

const outcomes = (failures: readonly DeviceFailure[]) =>
  failures.map(({ outcome, rung, next }) => [outcome, rung, next].filter((each) => each !== null).join(" "));
const spoil = (folder: string, ...files: readonly string[]) =>
  Promise.all(files.map((file) => writeFile(join(folder, file), "another")));

describe("a run that finds no memory", () => {
  const inputs = (count: number) => Array.from({ length: count }, (_, seed) => anInput(seed));

  it("is halved and tried again, once, and each picture gets its own embedding", async () => {
    const { encoder, failures } = await open([fp32("for-memory")]);
    const sound = (await open([fp32()])).encoder;
    expect(encoder.sharesRuns()).toBe(true);
    const found = (await encoder.encodeAll(inputs(4))) as readonly Embedding[];
    for (const [i, expected] of (await sound.encodeAll(inputs(4))).entries()) {
      expect(dotProduct(found[i]!, expected as Embedding)).toBeGreaterThan(0.999999);
    }
    expect(outcomes(failures)).toEqual(["recovered cpu fp32"]);
    expect(failures[0]?.reason).toMatch(/; at most 2 pictures in a run from now on$/);
    // Learned: the next batch does not try again.
    expect(await encoder.encodeAll(inputs(7))).toHaveLength(7);
    expect(failures).toHaveLength(1);
    expect(encoder.state().degraded).toBe(false);
  });

  it("even then is a device error: a fresh session gets smaller runs, or the next rung takes over", async () => {
    const { encoder, failures } = await open([fp32("for-memory")]);
    expect(await encoder.encodeAll(inputs(8))).toHaveLength(8);
    expect(outcomes(failures)).toEqual(["recovered cpu fp32"]);
    const other = await open([fp32("for-memory")]);
    // Sixteen, eight, and on a fresh session four: still too many, and there is no other rung.
    await expect(other.encoder.encodeAll(inputs(16))).rejects.toMatchObject({ code: "encoder_failed" });
    expect(outcomes(other.failures)).toEqual(["kept cpu fp32"]);
    // The limit it came to is kept, so that the next batch gets further.
    expect(await other.encoder.encodeAll(inputs(16))).toHaveLength(16);
  });
});

describe("a device error", () => {
  it("is got over on a fresh session, with the right embedding, and serving goes on undegraded", async () => {
    const { encoder, failures } = await open([fp32("tenth-run")]);
    const sound = (await open([fp32()])).encoder;
    const embeddings = [];
    // The start takes three runs, a fresh session one: the seventh picture fails, and the eighth after it.
    for (let i = 0; i < 16; i++) embeddings.push(await encodeOn(encoder, anInput(i)));
    expect(outcomes(failures)).toEqual(["recovered cpu fp32", "recovered cpu fp32"]);
    expect(failures[0]?.reason).toMatch(/Gather/);
    expect(encoder.state()).toMatchObject({ provider: "cpu", precision: "fp32", degraded: false });
    for (const [i, embedding] of embeddings.entries()) {
      expect(dotProduct(embedding, await encodeOn(sound, anInput(i)))).toBeGreaterThan(0.999999);
    }
  });

  it("that stays moves the batch and all that follow to the next rung, degraded", async () => {
    const { encoder, failures } = await open([fp32(), int8("on-black")]);
    expect(encoder.state()).toMatchObject({ precision: "int8", degraded: false });
    expect(Math.hypot(...(await encodeOn(encoder, black)))).toBeCloseTo(1, 4);
    expect(outcomes(failures)).toEqual(["moved cpu int8 cpu fp32"]);
    expect(failures[0]?.reason).toMatch(/on a fresh session too$/);
    expect(encoder.state()).toMatchObject({
      ...{ precision: "fp32", degraded: true },
      rungs: [
        { provider: "cpu", model: "int8", outcome: "chosen" },
        { provider: "cpu", model: "fp32", outcome: "chosen" },
      ],
    });
    await encodeOn(encoder, black);
    expect(failures).toHaveLength(1);
    expect([encoder.alive(), encoder.isGone()]).toEqual([1, false]);
  });

  it("of all models at one picture is that picture's fault, and the rest is served", async () => {
    const { encoder, failures } = await open([fp32("on-black"), int8("on-black")]);
    await expect(encodeOn(encoder, black)).rejects.toMatchObject({ code: "encoder_failed" });
    await expect(encodeOn(encoder, black)).rejects.toMatchObject({ code: "encoder_failed" });
    expect(outcomes(failures)).toEqual(["moved cpu int8 cpu fp32", "kept cpu fp32"]);
    expect(await encodeOn(encoder, anInput(1))).toHaveLength(8);
  });

  it("after which no session opens leaves the rung for the next", async () => {
    const { encoder, failures, folder } = await open([fp32(), int8("on-black")]);
    await spoil(folder, "model.int8.8.onnx");
    await encodeOn(encoder, black);
    expect(outcomes(failures)).toEqual(["moved cpu int8 cpu fp32"]);
    expect(failures[0]?.reason).toMatch(/no fresh session: .*model\.int8\.8\.onnx has sha-256/);
  });

  it("passes over rungs that do not open, and is not ready when none is left", async () => {
    const { encoder, failures, folder } = await open([fp32(), int8("on-black"), int7("never")]);
    await spoil(folder, "model.onnx", "model.int8.8.onnx", "model.int8.7.onnx");
    await expect(encodeOn(encoder, black)).rejects.toMatchObject({ code: "not_ready" });
    await expect(encodeOn(encoder, anInput(1))).rejects.toMatchObject({ code: "not_ready" });
    expect(outcomes(failures)).toEqual(["gone cpu int8"]);
    expect([encoder.alive(), encoder.isGone()]).toEqual([0, true]);
    expect(encoder.state()).toMatchObject({ precision: "int8", degraded: true });
    expect(encoder.state().rungs.map(({ model, outcome }) => `${model} ${outcome}`)).toEqual([
      "int8 chosen",
      "int8-7bit refused",
      "fp32 refused",
    ]);
  });

  it("leaves nothing where the operator wants an end", async () => {
    const { encoder, failures } = await open([fp32(), int8("on-black")], { policy: "exit" });
    await expect(encodeOn(encoder, black)).rejects.toMatchObject({ code: "not_ready" });
    expect(outcomes(failures)).toEqual(["gone cpu int8"]);
  });

  it("is not what a NaN is: bad output fails its batch alone", async () => {
    const folder = await aFolder();
    await writeTinyEncoder(folder, { flaw: "nan-on-black" });
    const failures: DeviceFailure[] = [];
    const options = { folder, providers: ["cpu"], workers: 1, threads: 1, policy: "next" } as const;
    const encoder = await openServingEncoder({ ...options, reportFailure: (failure) => failures.push(failure) });
    encoders.push(encoder);
    const reason = { code: "encoder_failed", details: { reason: "non-finite value" } };
    await expect(encodeOn(encoder, black)).rejects.toMatchObject(reason);
    expect(failures).toEqual([]);
    expect(encoder.state().degraded).toBe(false);
  });
});

describe("a change of rungs", () => {
  it("under load loses no picture and mixes none up", async () => {
    const { encoder, failures } = await open([fp32(), int8("on-black")], { workers: 2 });
    const sound = (await open([fp32()])).encoder;
    const expected = await Promise.all([1, 2, 3, 4].map((seed) => encodeOn(sound, anInput(seed))));
    const pictures = Array.from({ length: 60 }, (_, i) => ({ seed: i % 4, isBlack: i % 15 === 7 }));
    const embeddings = await Promise.all(
      pictures.map(({ seed, isBlack }) => encodeOn(encoder, isBlack ? black : anInput(seed + 1))),
    );
    for (const [i, { seed, isBlack }] of pictures.entries()) {
      if (!isBlack) expect(dotProduct(embeddings[i]!, expected[seed]!)).toBeGreaterThan(0.999999);
    }
    expect(outcomes(failures)).toEqual(["moved cpu int8 cpu fp32"]);
  });

  it("ends before a close does, and leaves no thread behind", async () => {
    const { encoder } = await open([fp32(), int8("on-black")]);
    const running = Promise.allSettled([black, anInput(1), anInput(2)].map((input) => encodeOn(encoder, input)));
    await Promise.all([encoder.close(), encoder.close()]);
    for (const each of await running) {
      const isRefused = each.status === "rejected" && each.reason.code === "shutting_down";
      expect(isRefused || each.status === "fulfilled").toBe(true);
    }
    await expect(encodeOn(encoder, anInput(1))).rejects.toMatchObject({ code: "shutting_down" });
    expect(encoder.alive()).toBe(0);
  });
});

describe("the first rung", () => {
  it("is the first whose probe is right; the others are named, and the encoder is degraded", async () => {
    const wrong: TinyEntry = {
      entry: { precision: "int8", weightBits: 8, gate: aGate() },
      graph: { flaw: "always-nan" },
    };
    const { encoder } = await open([fp32(), wrong]);
    expect(encoder.state()).toMatchObject({ precision: "fp32", degraded: true });
    expect(encoder.tried()).toEqual([
      { provider: "cpu", model: "int8", outcome: "refused", reason: expect.stringContaining("non-finite value") },
      { provider: "cpu", model: "fp32", outcome: "chosen", cosine: expect.closeTo(1, 5) },
    ]);
  });

  it("is the only one where the operator wants an end", async () => {
    const wrong: TinyEntry = {
      entry: { precision: "int8", weightBits: 8, gate: aGate() },
      graph: { flaw: "always-nan" },
    };
    await expect(open([fp32(), wrong], { policy: "exit" })).rejects.toThrow(/cannot be used: cpu int8: .*non-finite/);
  });

  it("is not an unproven one, which by rule does not count as degraded", async () => {
    const unproven: TinyEntry = { entry: { precision: "int8", weightBits: 8 } };
    const { encoder } = await open([fp32(), unproven]);
    expect(encoder.state()).toMatchObject({ precision: "fp32", degraded: false });
    expect(encoder.tried()[0]).toMatchObject({ model: "int8", outcome: "ruled_out" });
    expect((await open([fp32(), unproven], { precision: "int8" })).encoder.state().precision).toBe("int8");
  });

  it("is not on a GPU whose driver is too old, and that counts", async () => {
    const machine = { sumsBytesExactly: true, nvidiaDriver: "535.104.05" };
    const { encoder } = await open([fp32()], { providers: "auto", machine });
    expect(encoder.state()).toMatchObject({ provider: "cpu", degraded: true });
    expect(encoder.tried()[0]).toMatchObject({ provider: "cuda", reason: expect.stringContaining("535.104.05") });
    await expect(open([fp32()], { providers: "auto", machine, policy: "exit" })).rejects.toThrow(
      /cuda: the NVIDIA driver is 535\.104\.05; CUDA 13 needs 580 or newer$/,
    );
  });
});

describe("workers and threads on auto", () => {
  it("are not measured for a model that takes no time", async () => {
    const { encoder } = await open([fp32()], { workers: "auto", threads: "auto", now });
    const { workers, threads, setting } = encoder.state();
    expect(workers * threads).toBeGreaterThanOrEqual(1);
    expect(setting.measured.length === 0 || setting.measured.length > 1).toBe(true);
  });

  it("are the usual ones where there is no clock", async () => {
    const { encoder } = await open([fp32()], { workers: "auto", threads: 1 });
    expect(encoder.state()).toMatchObject({ threads: 1, setting: { measured: [] } });
  });
});
