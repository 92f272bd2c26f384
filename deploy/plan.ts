import { planBatch } from "./calls-batch.js";
import { planEndpointConfig } from "./calls-config.js";
import { planCreate, planUpdate } from "./calls-endpoint.js";
import { planLogGroup } from "./calls-logs.js";
import { planModel } from "./calls-model.js";
import { planRollbackAlarms } from "./calls-rollback.js";
import { planScaling } from "./calls-scaling.js";
import type { PlannedCall } from "./planned-call.js";
import type { DeploySpec, EndpointSpec } from "./spec.js";

/** A deployment as calls, in the order in which they must be sent. */
export type DeploymentPlan = Readonly<{
  /** The hashed names: the endpoint serves this plan when it is on this configuration. */
  names: Readonly<{ model: string; endpointConfig: string | null }>;
  /** What must be there first; each of them only if it is not there yet. */
  prepare: readonly PlannedCall[];
  /** Starts the job, or the endpoint where there is none of this name. */
  create: PlannedCall;
  /** Moves an endpoint that is there to this plan's configuration; null for jobs, which are never changed. */
  update: PlannedCall | null;
  /** What needs the endpoint in service: its scaling. */
  finish: readonly PlannedCall[];
}>;

/** Pure: the same spec gives the same plan, with the same names. */
export function planDeployment(spec: DeploySpec): DeploymentPlan {
  return spec.mode === "batch" ? planBatch(spec) : planEndpoint(spec);
}

function planEndpoint(spec: EndpointSpec): DeploymentPlan {
  const model = planModel(spec);
  const config = planEndpointConfig(spec, model.name);
  const alarms = planRollbackAlarms(spec, config.name);
  return {
    names: { model: model.name, endpointConfig: config.name },
    prepare: [...planLogGroup(spec), model.call, config.call, ...alarms],
    create: planCreate(spec, config.name),
    update: planUpdate(spec, config.name, alarms),
    finish: planScaling(spec),
  };
}

/** All calls in their order, as they are for an endpoint that is not there yet, or for one that is. */
export function toCalls(plan: DeploymentPlan, endpoint: "absent" | "present"): readonly PlannedCall[] {
  const start = endpoint === "present" && plan.update !== null ? plan.update : plan.create;
  return [...plan.prepare, start, ...plan.finish];
}
