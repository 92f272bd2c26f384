import { type Command, Option } from "commander";
import { toFailureLine } from "../../deploy/aws-failure.js";
import type { PlannedCall } from "../../deploy/planned-call.js";
import { createAwsSender } from "../../deploy/send-call.js";
import type { Flags } from "../../deploy/spec-flags.js";
import { planDashboard } from "../../deploy/watch/dashboard.js";
import { toGrafanaDashboard } from "../../deploy/watch/grafana-dashboard.js";
import { parseServerWatch, toPrometheusRules } from "../../deploy/watch/prometheus-rules.js";
import { parseWatchSpec } from "../../deploy/watch/watch-spec.js";
import type { Parsed } from "../domain/parsed.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";
import { addWatchFlags } from "./watch-flags.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy dashboard`: what shows an endpoint, or servers of ours anywhere, as files to import. */
export function addDeployDashboardCommand(deploy: Command, env: Environment): void {
  const command = addWatchFlags(deploy.command("dashboard"));
  command
    .summary("a CloudWatch or Grafana dashboard, or Prometheus alert rules, on stdout")
    .description(
      "cloudwatch: the dashboard of an endpoint, to import, or with --put as stygig-<endpoint>, which teardown removes.\n" +
        "grafana: a dashboard of the server's own /metrics. prometheus: alert rules for them, as YAML.\n" +
        "Without --put, without network or credentials.",
    )
    .addOption(
      new Option("--target <target>", "for what")
        .choices(["cloudwatch", "prometheus", "grafana"])
        .default("cloudwatch"),
    )
    .option("--put", "cloudwatch: put it up instead of printing it")
    .option("--job <name>", "prometheus, grafana: the scrape job's name (default: stygig)")
    .option("--memory-mib <count>", "prometheus: the memory that a server has, for the alert when it is nearly full")
    .action(() => runDashboard(readFlags(command), env));
}

async function runDashboard(flags: Flags, env: Environment): Promise<void> {
  const dashboard = toDashboard(flags, env);
  if ("problems" in dashboard) return tellProblems(dashboard.problems, exitCodes.usage);
  const { text, put } = dashboard.value;
  if (flags.put !== true) return writeData(text);
  if (put === null) return tellProblems(["--put is for --target cloudwatch: the others are imported"], exitCodes.usage);
  const sender = createAwsSender({ region: put.region, endpointUrl: env.AWS_ENDPOINT_URL ?? null });
  try {
    const { DashboardValidationMessages: complaints } = await sender.send(put.call);
    await writeData(String(put.call.input.DashboardName));
    for (const { DataPath, Message } of (complaints ?? []) as readonly Complaint[])
      tell(`note: ${DataPath}: ${Message}`);
  } catch (error) {
    tellProblems([toFailureLine(error)], exitCodes.failed);
  } finally {
    sender.close();
  }
}

/** What CloudWatch cannot draw of a dashboard that it took all the same. */
type Complaint = Readonly<{ DataPath?: string; Message?: string }>;

/** The file to import and, of CloudWatch's, the call that puts it up. */
type Dashboard = Readonly<{ text: string; put: Readonly<{ call: PlannedCall; region: string }> | null }>;

function toDashboard(flags: Flags, env: Environment): Parsed<Dashboard> {
  if (flags.target === "cloudwatch") {
    const spec = parseWatchSpec(flags, env);
    if ("problems" in spec) return spec;
    const call = planDashboard(spec.value);
    const text = JSON.stringify(JSON.parse(call.input.DashboardBody as string), null, 2);
    return { value: { text, put: { call, region: spec.value.region } } };
  }
  const watch = parseServerWatch(flags);
  if ("problems" in watch) return watch;
  const { job, limits } = watch.value;
  const isGrafana = flags.target === "grafana";
  const text = isGrafana ? JSON.stringify(toGrafanaDashboard(job), null, 2) : toPrometheusRules(job, limits).trimEnd();
  return { value: { text, put: null } };
}
