import { type Command, Option } from "commander";
import type { Flags } from "../../deploy/spec-flags.js";
import { planDashboard } from "../../deploy/watch/dashboard.js";
import { toGrafanaDashboard } from "../../deploy/watch/grafana-dashboard.js";
import { parseServerWatch, toPrometheusRules } from "../../deploy/watch/prometheus-rules.js";
import { parseWatchSpec } from "../../deploy/watch/watch-spec.js";
import type { Parsed } from "../domain/parsed.js";
import { readFlags } from "./deploy-flags.js";
import { exitCodes, tellProblems, writeData } from "./output.js";
import { addWatchFlags } from "./watch-flags.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `stygig deploy dashboard`: what shows an endpoint, or servers of ours anywhere, as files to import. */
export function addDeployDashboardCommand(deploy: Command, env: Environment): void {
  const command = addWatchFlags(deploy.command("dashboard"));
  command
    .summary("a CloudWatch or Grafana dashboard, or Prometheus alert rules, on stdout")
    .description(
      "cloudwatch: the dashboard of an endpoint, for `aws cloudwatch put-dashboard --dashboard-body`.\n" +
        "grafana: a dashboard of the server's own /metrics. prometheus: alert rules for them, as YAML.\n" +
        "Without network or credentials.",
    )
    .addOption(
      new Option("--target <target>", "for what")
        .choices(["cloudwatch", "prometheus", "grafana"])
        .default("cloudwatch"),
    )
    .option("--job <name>", "prometheus, grafana: the scrape job's name (default: stygig)")
    .option("--memory-mib <count>", "prometheus: the memory that a server has, for the alert when it is nearly full")
    .action(() => runDashboard(readFlags(command), env));
}

async function runDashboard(flags: Flags, env: Environment): Promise<void> {
  const text = toText(flags, env);
  if ("problems" in text) return tellProblems(text.problems, exitCodes.usage);
  await writeData(text.value);
}

function toText(flags: Flags, env: Environment): Parsed<string> {
  if (flags.target === "cloudwatch") {
    const spec = parseWatchSpec(flags, env);
    if ("problems" in spec) return spec;
    const { DashboardBody } = planDashboard(spec.value).input;
    return { value: JSON.stringify(JSON.parse(DashboardBody as string), null, 2) };
  }
  const watch = parseServerWatch(flags);
  if ("problems" in watch) return watch;
  const { job, limits } = watch.value;
  if (flags.target === "grafana") return { value: JSON.stringify(toGrafanaDashboard(job), null, 2) };
  return { value: toPrometheusRules(job, limits).trimEnd() };
}
