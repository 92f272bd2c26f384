import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { createEndpointSender } from "../../client/endpoint-sender.js";
import type { Sender } from "../../client/sender.js";
import { createUrlSender } from "../../client/url-sender.js";
import { realWaiting } from "../../client/waiting.js";
import type { LoadReport } from "../../deploy/load/report.js";
import { interruptedExitCode } from "./interruption.js";
import { type LoadtestFlags, parseLoadtest } from "./loadtest-flags.js";
import { saveMeasurement } from "./loadtest-measurement.js";
import { readLoadPictures } from "./loadtest-pictures.js";
import { runLoadtestPlan } from "./loadtest-run.js";
import { toReportText } from "./loadtest-text.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import type { ServiceTarget } from "./service-target.js";
import { tellFailures } from "./tell-failures.js";

/** Adds `stygig loadtest`. `version` is ours, for the report. */
export function addLoadtestCommand(program: Command, version: string): void {
  program
    .command("loadtest")
    .summary("how a server or an endpoint bears load, and whether that is good enough")
    .description(
      "Latency counts from when a request was due, so a service that stands still is not flattered. Each request is sent\n" +
        "once and, unless --same-bytes, has bytes of its own. Exit code 1 when a limit does not hold or nothing answers.",
    )
    .option("--url <url>", "the server: http://localhost:8080")
    .option("--endpoint <name>", "or the SageMaker endpoint, or name:variant")
    .option("--region <region>", "of the endpoint (default: AWS_REGION, then the profile's)")
    .option("--image <files...>", "pictures to ask about (default: drawn garments)")
    .option("--photos <folder>", "or a folder of them")
    .option("--same-bytes", "send the same bytes again: the service's memory then answers")
    .option("--top-k <count>", "most suggestions")
    .option("--rate <per-second>", "open loop at this rate (default: 10)")
    .option("--ramp <from:to>", "open loop at a rising rate, which finds the knee")
    .option("--concurrency <callers>", "closed loop: callers who wait for their answers")
    .option("--find-capacity", "one caller, then rising steps until one is not borne, then 70 % of the limit")
    .addOption(new Option("--arrivals <spacing>", "of open loops").choices(["constant", "poisson"]).default("constant"))
    .option("--duration-s <seconds>", "how long requests are sent", "30")
    .option("--requests <count>", "most requests", "100000")
    .option("--max-in-flight <count>", "most requests under way at once", "1000")
    .option("--drain-s <seconds>", "how long late answers are waited for", "10")
    .addOption(new Option("--policy <name>", "v4: 100 callers, p99 below 300 ms, no errors").choices(["v4"]))
    .option("--max-p99-ms <ms>", "limit of the 99th percentile")
    .option("--max-p95-ms <ms>", "limit of the 95th percentile")
    .option("--max-errors <count>", "most errors")
    .option("--min-rps <per-second>", "least good answers a second")
    .option("--json", "the report on stdout as JSON")
    .option("--report <file>", "the report as an HTML page with charts")
    .option("--save-measurement <file>", "add what was found to a measurement file of `deploy plan`")
    .option("--instance-type <type>", "of the measured machine: ml.c7i.xlarge")
    .option("--machine <text>", "or the machine in words")
    .option("--lanes <count>", "pictures that it works on side by side: physical cores, or GPU sessions")
    .option("--commit <hash>", "of the software that was measured")
    .action((flags: LoadtestFlags) => runLoadtest(flags, version));
}

async function runLoadtest(flags: LoadtestFlags, version: string): Promise<void> {
  const plan = parseLoadtest(flags);
  if ("problems" in plan) return tellProblems(plan.problems, exitCodes.usage);
  await tellFailures(async (signal) => {
    const pictures = await readLoadPictures(flags);
    if ("problems" in pictures) return tellProblems(pictures.problems, exitCodes.usage);
    const sender = await openSender(plan.value.target, flags.region);
    try {
      const { report, capacity } = await runLoadtestPlan(plan.value, {
        ...{ sender, signal, version, waiting: realWaiting },
        pictures: pictures.value,
        areDistinct: !flags.sameBytes,
      });
      await writeReport(report, flags);
      process.exitCode = toExitCode(report);
      if (flags.saveMeasurement !== undefined)
        await saveMeasurement(flags.saveMeasurement, { report, capacity, flags });
    } finally {
      sender.close();
    }
  });
}

async function openSender(target: ServiceTarget, region: string | undefined): Promise<Sender> {
  if (target.kind === "url") return createUrlSender({ url: target.url });
  return createEndpointSender({ ...target, region });
}

async function writeReport(report: LoadReport, flags: LoadtestFlags): Promise<void> {
  await writeData(flags.json ? JSON.stringify(report) : toReportText(report));
  if (flags.report === undefined) return;
  const { toReportPage } = await import("../../deploy/load/report-page.js");
  await writeFile(flags.report, toReportPage(report)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${flags.report} cannot be written (${error.code})`, { cause: error });
  });
  tell(`wrote ${flags.report}`);
}

/** A run in which nothing was good has failed, whatever limits were set. */
function toExitCode({ ended, passed, good }: LoadReport): number {
  if (ended === "interrupted") return interruptedExitCode;
  return passed && good > 0 ? exitCodes.done : exitCodes.failed;
}
