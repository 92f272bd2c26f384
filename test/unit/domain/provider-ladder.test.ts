import { describe, expect, it } from "vitest";
import type { EncoderModel } from "../../../src/domain/encoder-model.js";
import { type MachineFacts, planRungs, type RungWishes, toRungName } from "../../../src/domain/provider-ladder.js";
import { aGate, anFp16Model, anFp32Model, anInt8Model } from "../../support/a-manifest.js";

const everything = [anFp32Model(), anFp16Model(), anInt8Model(8), anInt8Model(7)];

function plan(
  models: readonly EncoderModel[],
  wishes: Partial<RungWishes> = {},
  machine: Partial<MachineFacts> = {},
): Readonly<{ rungs: readonly string[]; refused: readonly string[] }> {
  const { rungs, refused } = planRungs(
    models,
    { providers: "auto", precision: "auto", half: false, ...wishes },
    { sumsBytesExactly: true, nvidiaDriver: null, ...machine },
  );
  return {
    rungs: rungs.map(toRungName),
    refused: refused.map(({ provider, model, reason }) => `${[provider, model ?? "any"].join(" ")}: ${reason}`),
  };
}

const gpu = { nvidiaDriver: "580.65.06" };
const oldCpu = { sumsBytesExactly: false };

describe("the ladder by itself", () => {
  it("is the CPU alone where there is no driver, and does not complain of what nobody has", () => {
    expect(plan(everything)).toEqual({ rungs: ["cpu int8", "cpu int8-7bit", "cpu fp32"], refused: [] });
    expect(plan([anFp32Model()])).toEqual({ rungs: ["cpu fp32"], refused: [] });
  });

  it("begins with the GPU where there is a driver, in full precision", () => {
    expect(plan(everything, {}, gpu).rungs).toEqual(["cuda fp32", "cpu int8", "cpu int8-7bit", "cpu fp32"]);
  });

  it("takes half precision on the GPU when asked, then full, and never on the CPU", () => {
    const half = plan([anFp32Model(), anFp16Model(null)], { half: true }, gpu);
    expect(half).toEqual({ rungs: ["cuda fp16", "cuda fp32", "cpu fp32"], refused: [] });
    expect(plan([anFp32Model(), anFp16Model()], { half: true }).rungs).toEqual(["cpu fp32"]);
  });

  it("says that there is no half precision when it was asked for", () => {
    expect(plan([anFp32Model()], { half: true }, gpu)).toEqual({
      rungs: ["cuda fp32", "cpu fp32"],
      refused: ["cuda fp16: the encoder has no fp16 model"],
    });
  });

  it("leaves a model out whose gate failed, even where half precision was asked for, and gives the figures", () => {
    const { rungs, refused } = plan([anFp32Model(), anFp16Model(aGate(false))], { half: true }, gpu);
    expect(rungs).toEqual(["cuda fp32", "cpu fp32"]);
    expect(refused).toEqual([
      "cuda fp16: it failed its gate: vote agreement 0.9 (least 0.99), median cosine 0.995 (least 0.99); " +
        "asking for fp16 by name overrules it",
    ]);
  });

  it("leaves an 8-bit model out that no gate vouches for", () => {
    expect(plan([anFp32Model(), anInt8Model(8, null)])).toEqual({
      rungs: ["cpu fp32"],
      refused: ["cpu int8: no gate vouches for it; asking for int8 by name takes it unproven"],
    });
  });

  it("has no rung when only unproven models are there", () => {
    expect(plan([anInt8Model(8, aGate(false)), anInt8Model(7, null)]).rungs).toEqual([]);
  });
});

describe("a CPU that would saturate", () => {
  it("gets 7-bit weights, and the 8-bit file is refused", () => {
    expect(plan(everything, {}, oldCpu)).toEqual({
      rungs: ["cpu int8-7bit", "cpu fp32"],
      refused: ["cpu int8: this CPU has no VNNI, where sums of 8-bit weights saturate; 7-bit weights do not"],
    });
  });

  it("refuses the 8-bit file even by name", () => {
    expect(plan([anFp32Model(), anInt8Model(8)], { precision: "int8" }, oldCpu).rungs).toEqual([]);
  });
});

describe("a precision asked for by name", () => {
  it.each([
    ["int8", anInt8Model(8, null)],
    ["int8", anInt8Model(8, aGate(false))],
    ["fp16", anFp16Model(aGate(false))],
  ] as const)("is taken unproven: %s", (precision, model) => {
    expect(plan([anFp32Model(), model], { precision }).rungs).toEqual([`cpu ${precision}`]);
  });

  it("leaves no other precision on the ladder", () => {
    expect(plan(everything, { precision: "fp32", half: true }, gpu).rungs).toEqual(["cuda fp32", "cpu fp32"]);
    expect(plan(everything, { precision: "int8" }, gpu)).toEqual({
      rungs: ["cpu int8", "cpu int8-7bit"],
      refused: ["cuda int8: 8-bit models run on the CPU alone"],
    });
  });

  it("is missed when the encoder does not have it", () => {
    expect(plan([anFp32Model()], { precision: "int8" })).toEqual({
      rungs: [],
      refused: ["cpu int8: the encoder has no int8 model"],
    });
  });
});

describe("providers asked for by name", () => {
  it("come in their order, with TensorRT only then", () => {
    expect(plan([anFp32Model()], { providers: ["tensorrt", "cuda", "cpu"] }, gpu).rungs).toEqual([
      "tensorrt fp32",
      "cuda fp32",
      "cpu fp32",
    ]);
    expect(plan([anFp32Model()], { providers: ["cpu", "cuda"] }).rungs).toEqual(["cpu fp32", "cuda fp32"]);
  });

  it("are tried without a driver that could be found: the session knows better", () => {
    expect(plan([anFp32Model()], { providers: ["cuda"] }).rungs).toEqual(["cuda fp32"]);
  });

  it.each(["535.104.05", "470.256.02", "579.99"])("are refused on a driver too old: %s", (nvidiaDriver) => {
    const reason = `the NVIDIA driver is ${nvidiaDriver}; CUDA 13 needs 580 or newer`;
    expect(plan([anFp32Model()], { providers: ["tensorrt", "cuda", "cpu"] }, { nvidiaDriver })).toEqual({
      rungs: ["cpu fp32"],
      refused: [`tensorrt any: ${reason}`, `cuda any: ${reason}`],
    });
  });
});
