import type { ChildProcess } from "node:child_process";
import { on } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FakeAws, startFakeAws } from "../support/fake-aws.js";
import { logEvents } from "../support/log-events.js";
import { requestSamples } from "../support/metric-samples.js";
import { runStygig } from "../support/run-stygig.js";
import { aTwoVariantEndpoint } from "../support/two-variants.js";

let aws: FakeAws;
beforeEach(async () => {
  aws = await startFakeAws();
  aTwoVariantEndpoint(aws.world, "look", { old: [3, 1], new: [2, 0] });
});
afterEach(() => aws.close());

const place = ["--endpoint-name", "look", "--region", "us-east-1"];

function deploy(command: string, flags: readonly string[], onStart?: (child: ChildProcess) => Promise<void>) {
  const env = {
    ...{ AWS_ENDPOINT_URL: aws.url, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
    ...{ AWS_REGION: "", AWS_DEFAULT_REGION: "" },
    // The SDK warns of the Node that this may run on, on stderr.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
  return runStygig(["deploy", command, ...flags], "", { env, ...(onStart && { onStart }) });
}

describe("stygig deploy status", () => {
  const name = "stygig/look/new/errors";

  it("shows how an endpoint is doing, and ends with 0", async () => {
    const twoMinutesAgo = Date.now() - 120_000;
    const errors = [1, ...Array(1999).fill(0)];
    const published = { Invocations: [400, 600], ModelLatency: [40_000], Invocation5XXErrors: errors };
    aws.world.samples.push(...requestSamples("look", "old", published, twoMinutesAgo));
    aws.world.alarms.set(name, { AlarmName: name, StateValue: "OK" });
    const { exitCode, stdout, stderr } = await deploy("status", place);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/^look is InService, sync, on look-config$/m);
    expect(stdout).toMatch(/requests .* 1000 .* no data /);
    expect(stdout).toMatch(/5xx share .* 0\.05 % .* no data /);
    expect(stdout).toMatch(/p99 .* 40\.0 ms .* no data /);
    expect(stdout).toMatch(/^alarms: 1 OK$/m);
  });

  it("ends with 1 and a reason where an alarm rings, also as JSON", async () => {
    aws.world.alarms.set(name, { AlarmName: name, StateValue: "ALARM", StateReason: "3 of 5 were above" });
    const text = await deploy("status", place);
    expect(text).toMatchObject({ exitCode: 1, stderr: `stygig: an alarm is ringing: ${name}\n` });
    expect(text.stdout).toMatch(/^ {2}ALARM stygig\/look\/new\/errors: 3 of 5 were above$/m);
    const json = await deploy("status", [...place, "--json", "--window-minutes", "60"]);
    const { trouble, endpoint, metrics, windowMinutes } = JSON.parse(json.stdout);
    expect([json.exitCode, trouble, endpoint.status, windowMinutes]).toEqual([
      ...[1, `an alarm is ringing: ${name}`, "InService", 60],
    ]);
    expect(metrics).toContainEqual({
      ...{ variant: "new", label: "p99", value: null, unit: "ms", metric: "ModelLatency", statistic: "p99" },
    });
  });

  it("ends with 1 where there is none, and with 2 where nobody can know", async () => {
    const absent = await deploy("status", ["--endpoint-name", "none", ...place.slice(2)]);
    expect(absent).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: "stygig: there is no endpoint none in us-east-1\n",
    });
    const wrong = await deploy("status", ["--endpoint-name", "a_b", "--window-minutes", "0"]);
    expect([wrong.exitCode, wrong.stderr.trim().split("\n").length]).toEqual([2, 3]);
  });
});

describe("stygig deploy logs", () => {
  const group = "/aws/sagemaker/Endpoints/look";
  const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;

  it("prints what the containers printed as it is, or as JSON", async () => {
    aws.world.logEvents.set(group, logEvents({ '{"level":"info"}': minutesAgo(2), "  plain": minutesAgo(1), old: 0 }));
    expect(await deploy("logs", place)).toEqual({ exitCode: 0, stdout: '{"level":"info"}\n  plain\n', stderr: "" });
    const json = await deploy("logs", [...place, "--since", "90s", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ stream: "AllTraffic/i-1", message: "  plain" });
    const none = await deploy("logs", [...place, "--filter", "nothing has this"]);
    expect([none.exitCode, none.stdout, none.stderr]).toEqual([0, "", expect.stringMatching(/^note: no such lines /)]);
  });

  it("follows until Ctrl-C, and ends with 0", async () => {
    aws.world.logEvents.set(group, logEvents({ first: minutesAgo(2) }));
    const { exitCode, stdout, stderr } = await deploy("logs", [...place, "--follow"], async (child) => {
      const seen = async (text: string) => {
        let all = "";
        for await (const [chunk] of on(child.stdout!, "data")) {
          all += chunk;
          if (all.includes(text)) return;
        }
      };
      await seen("first");
      aws.world.logEvents.set(group, logEvents({ first: minutesAgo(2), second: minutesAgo(0) }));
      await seen("second");
      child.kill("SIGINT");
    });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "first\nsecond\n", stderr: "" });
  });

  it("says in a line why there is no log, and what is wrong with flags", async () => {
    const { exitCode, stderr } = await deploy("logs", place);
    expect([exitCode, stderr.split("\n").length]).toEqual([1, 2]);
    expect(stderr).toMatch(/^stygig: there is no log group \/aws\/sagemaker\/Endpoints\/look, .* role lacks /);
    const wrong = await deploy("logs", [...place, "--since", "yesterday", "--filter", "x".repeat(1025)]);
    expect([wrong.exitCode, wrong.stderr.trim().split("\n").length]).toEqual([2, 2]);
  });
});

describe("stygig deploy costs", () => {
  it("shows what is known and what is not, and what stays after teardown", async () => {
    aws.world.logGroups.set("/aws/sagemaker/Endpoints/look", 30);
    const known = await deploy("costs", place);
    expect(known.exitCode).toBe(0);
    expect(known.stdout).toMatch(/^all: 0\.5500 USD an hour, 401\.50 USD a month of 730 hours$/m);
    expect(known.stderr).toMatch(/^after teardown: in CloudWatch: .*\/look, .*, each line for 30 days /m);
    const elsewhere = await deploy("costs", ["--endpoint-name", "look", "--region", "eu-west-1", "--json"]);
    const { costs, afterTeardown } = JSON.parse(elsewhere.stdout);
    expect([elsewhere.exitCode, costs.usdPerHour, costs.variants.length, afterTeardown.length]).toEqual([
      0,
      null,
      2,
      3,
    ]);
  });

  it("goes on without the right to see log groups, and says what may be left of an endpoint that is gone", async () => {
    aws.fail("DescribeLogGroups", { name: "AccessDeniedException", message: "not authorized" });
    const refused = await deploy("costs", place);
    expect(refused.exitCode).toBe(0);
    expect(refused.stderr).toMatch(/which cannot be seen: AccessDeniedException: not authorized/);
    const gone = await deploy("costs", ["--endpoint-name", "none", ...place.slice(2)]);
    expect([gone.exitCode, gone.stdout]).toEqual([1, ""]);
    expect(gone.stderr).toMatch(/^what may be left: in CloudWatch: no log group /);
    expect(gone.stderr).toMatch(/\nstygig: there is no endpoint none in us-east-1\n$/);
  });
});

describe("stygig deploy shift", () => {
  it("moves traffic and shows where it goes", async () => {
    // In service with the new weights at the first look.
    aws.script({ status: "InService" });
    const { exitCode, stdout, stderr } = await deploy("shift", [...place, "--weights", "old=3,new=1"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "look is InService\n" });
    expect(stdout).toMatch(/old .* ml\.c7i\.large .* 3 .* 3 .* 75\.0 % /);
    expect(stdout).toMatch(/new .* ml\.c7i\.large .* 2 .* 1 .* 25\.0 % /);
  });

  it("prints JSON", async () => {
    aws.script({ status: "InService" });
    const { stdout } = await deploy("shift", [...place, "--weights", "old=0,new=1", "--json"]);
    const { kind, state } = JSON.parse(stdout);
    expect([kind, state.variants.map(({ currentWeight }: { currentWeight: number }) => currentWeight)]).toEqual([
      "reached",
      [0, 1],
    ]);
  });

  it("only prints the call of a dry run", async () => {
    const { exitCode, stdout } = await deploy("shift", [...place, "--weights", "old=0,new=1", "--dry-run"]);
    expect([exitCode, JSON.parse(stdout).operation, aws.changes()]).toEqual([
      0,
      "UpdateEndpointWeightsAndCapacities",
      [],
    ]);
  });

  it("says everything that is wrong, and changes nothing", async () => {
    const { exitCode, stderr } = await deploy("shift", [...place, "--weights", "old=-1,newest=2"]);
    expect([exitCode, stderr.trim().split("\n"), aws.changes()]).toEqual([
      2,
      [
        'stygig: --weights: old must be a number from 0 on, not "-1"',
        "stygig: --weights: look has no variant newest",
        "stygig: --weights leaves out new",
      ],
      [],
    ]);
    const bare = await deploy("shift", ["--region", "nowhere"]);
    expect([bare.exitCode, bare.stderr.trim().split("\n").length]).toEqual([2, 3]);
  });

  it("fails in one line where there is no such endpoint, or no right", async () => {
    const absent = await deploy("shift", ["--endpoint-name", "none", ...place.slice(2), "--weights", "a=1"]);
    expect(absent).toMatchObject({ exitCode: 1, stderr: "stygig: there is no endpoint none in us-east-1\n" });
    aws.fail("UpdateEndpointWeightsAndCapacities", { name: "AccessDeniedException", message: "not authorized" });
    const refused = await deploy("shift", [...place, "--weights", "old=0,new=1"]);
    expect(refused).toMatchObject({ exitCode: 1, stderr: "stygig: AccessDeniedException: not authorized\n" });
  });
});

describe("stygig deploy scale", () => {
  it("sets a count and shows it", async () => {
    aws.script({ status: "InService" });
    const { exitCode, stdout } = await deploy("scale", [...place, "--variant", "new", "--count", "5"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/new .* ml\.c7i\.large .* 5 /);
  });

  it("sets bounds, and says that no policy uses them", async () => {
    const flags = [...place, "--variant", "new", "--min", "1", "--max", "4"];
    const { exitCode, stdout, stderr } = await deploy("scale", flags);
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      0,
      "note: no policy moves the count between these bounds: deploy with --rps-per-instance",
    ]);
    expect(stdout).toMatch(/new .* 1 to 4 /);
    const outside = await deploy("scale", [...place, "--variant", "new", "--count", "9"]);
    expect(outside.exitCode).toBe(2);
    expect(outside.stderr).toMatch(/^stygig: --count 9 is outside the bounds of automatic scaling, 1 to 4, /);
  });

  it.each([
    [["--min", "1"], "give --min and --max, or --count"],
    [["--min", "1", "--count", "2"], "--count does not go with --min and --max"],
    [["--count", "-1"], '--count must be a whole number from 0 to 10000, not "-1"'],
  ])("refuses %j", async (flags, problem) => {
    expect(await deploy("scale", [...place, ...flags])).toMatchObject({ exitCode: 2, stderr: `stygig: ${problem}\n` });
    expect(aws.received).toEqual([]);
  });
});
