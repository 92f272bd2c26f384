import { toLogGroupName } from "../names.js";
import type { PlannedCall } from "../planned-call.js";
import type { AlarmLimits } from "./alarm-limits.js";
import type { WatchedEndpoint } from "./alarms.js";
import {
  concurrencyWidget,
  failureWidget,
  latencyWidget,
  machineWidget,
  queueWidgets,
  requestWidget,
} from "./dashboard-graphs.js";
import { inRows, type Widget } from "./dashboard-widget.js";

type Drawn = Readonly<{ endpoint: WatchedEndpoint; limits: AlarmLimits; region: string }>;

/** The call that puts up an endpoint's CloudWatch dashboard; it draws what the alarms watch, with their limits as lines. */
export function planDashboard(drawn: Drawn): PlannedCall {
  return {
    service: "cloudwatch",
    operation: "PutDashboard",
    input: {
      DashboardName: toDashboardName(drawn.endpoint.endpointName),
      DashboardBody: JSON.stringify({ start: "-PT6H", periodOverride: "inherit", widgets: inRows(toWidgets(drawn)) }),
    },
  };
}

/** The dashboard's name; teardown removes it by this. */
export function toDashboardName(endpointName: string): string {
  return `stygig-${endpointName}`;
}

function toWidgets({ endpoint, limits, region }: Drawn): readonly Widget[] {
  const perVariant = endpoint.variants.flatMap((variant) => {
    const place = { endpointName: endpoint.endpointName, variant, region };
    return [
      // Async endpoints publish neither Invocations nor OverheadLatency.
      ...(endpoint.mode === "async" ? [] : [requestWidget(place)]),
      failureWidget(place, limits),
      latencyWidget(place, limits, endpoint.mode !== "async"),
      machineWidget(place, endpoint.machine, limits),
      ...(endpoint.mode === "serverless" ? [concurrencyWidget(place)] : []),
    ];
  });
  const queue = endpoint.mode === "async" ? queueWidgets(endpoint, region, limits) : [];
  return [headWidget(endpoint, region), ...perVariant, ...queue, logWidget(endpoint.endpointName, region)];
}

function headWidget({ endpointName, mode, machine }: WatchedEndpoint, region: string): Widget {
  const host = machine === null ? "" : `, each instance ${machine.vcpus} vCPUs and ${machine.gpus} GPUs`;
  const markdown = `# ${endpointName}\n${mode} endpoint in ${region}${host}. Dashed limits are those of the alarms \`stygig/${endpointName}/...\`.`;
  return { type: "text", width: 24, height: 2, properties: { markdown } };
}

/** The server's own log lines: one request, one line. */
function logWidget(endpointName: string, region: string): Widget {
  const query = [
    `SOURCE '${toLogGroupName(endpointName)}'`,
    "fields @timestamp, status, code, cause, total_ms, request_id, inference_id",
    "filter event = 'request_finished' and status >= 500",
    "sort @timestamp desc",
    "limit 50",
  ].join(" | ");
  return { type: "log", width: 24, height: 6, properties: { region, title: "Failed requests", view: "table", query } };
}
