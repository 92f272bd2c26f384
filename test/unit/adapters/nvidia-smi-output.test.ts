import { describe, expect, it } from "vitest";
import { parseGpuLines, parseMigDevices } from "../../../src/adapters/nvidia-smi-output.js";
import {
  noDriver,
  partitioned,
  partitionedReport,
  severalGpus,
  sharedMemory,
} from "../../support/nvidia-smi-recordings.js";

describe("the lines of nvidia-smi", () => {
  it("are one GPU each", () => {
    const gpus = parseGpuLines(severalGpus);
    expect(gpus.map(({ id, usedMib }) => [id, usedMib])).toEqual([
      ["0", 45662],
      ["1", 131470],
      ["2", 137255],
      ["3", 0],
    ]);
    expect(gpus[1]).toEqual({
      ...{ id: "1", name: "NVIDIA H200-141C", totalMib: 144384, usedMib: 131470, freeMib: 12914 },
      ...{ utilization: 1, isPartitioned: false },
    });
  });

  it("leave unknown what the driver keeps to itself", () => {
    const unknown = { totalMib: null, usedMib: null, freeMib: null };
    expect(parseGpuLines(partitioned)).toEqual([
      { id: "0", name: "NVIDIA A100-SXM4-80GB", ...unknown, utilization: null, isPartitioned: true },
    ]);
    expect(parseGpuLines(sharedMemory)[0]).toMatchObject({ ...unknown, utilization: 0.12, isPartitioned: false });
  });

  it("may have a comma in the name, and Windows' line ends", () => {
    expect(parseGpuLines("0, 8, 1, 7, 0, [N/A], A, B\r\n")[0]).toMatchObject({ name: "A, B", totalMib: 8 });
  });

  it.each([
    ["nothing", ""],
    ["white space", " \n\n"],
    ["an apology", noDriver],
    ["fewer columns", "0, 8192, 12\n"],
    ["a unit", "0, 8192 MiB, 12 MiB, 8180 MiB, 0 %, [N/A], Tesla T4\n"],
    ["negative numbers", "0, -1, 0, 0, 0, [N/A], Tesla T4\n"],
    [
      "a heading",
      "index, memory.total [MiB], memory.used [MiB], memory.free [MiB], utilization.gpu [%], mig.mode.current, name",
    ],
    ["bytes", "\u0000\u0001\u0002"],
  ])("that are %s are refused", (_what, text) => {
    expect(() => parseGpuLines(text)).toThrow(/^nvidia-smi (named no GPU|answered in an unknown format)$/);
  });
});

describe("the report of nvidia-smi", () => {
  it("tells the memory of each slice of a partitioned GPU, and not the GPU's own", () => {
    expect(parseMigDevices(partitionedReport)).toEqual([
      { id: "0:0", name: "NVIDIA H20 MIG", totalMib: 40448, usedMib: 298, freeMib: 40151, utilization: null },
    ]);
  });

  it("has no slices where nothing is partitioned", () => {
    const whole = partitionedReport.replace(/<mig_devices>[\s\S]*<\/mig_devices>/, "<mig_devices>None</mig_devices>");
    expect(parseMigDevices(whole)).toEqual([]);
  });

  it.each([
    ["empty", ""],
    ["cut short", partitionedReport.slice(0, 500)],
    ["without the memory", partitionedReport.replaceAll("fb_memory_usage", "other")],
    ["in other units", partitionedReport.replace("40448 MiB", "40448 KiB")],
    ["the lines", severalGpus],
  ])("is refused when it is %s", (_what, text) => {
    expect(() => parseMigDevices(text)).toThrow("nvidia-smi answered in an unknown format");
  });
});
