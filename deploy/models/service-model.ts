import { readFileSync } from "node:fs";
import type { ServiceName } from "../planned-call.js";

type Limits = Readonly<{ min?: number; max?: number }>;

/** What a value of a service's API must be, as AWS's public model says it. Names lead to other shapes of the model. */
export type Shape =
  | Readonly<{
      type: "structure";
      required?: readonly string[];
      union?: true;
      members: Readonly<Record<string, string>>;
    }>
  | (Limits & Readonly<{ type: "list"; member: string }>)
  | (Limits & Readonly<{ type: "map"; key: string; value: string }>)
  | (Limits & Readonly<{ type: "string"; enum?: readonly string[]; pattern?: string }>)
  | (Limits & Readonly<{ type: "integer" | "long" | "float" | "double" }>)
  | (Limits & Readonly<{ type: "blob" }>)
  | Readonly<{ type: "boolean" | "timestamp" }>;

/** Of one service the operations that we plan, each with the shape of its input, and every shape below those. */
export type ServiceModel = Readonly<{
  source: Readonly<{ package: string; version: string; license: string; apiVersion: string }>;
  operations: Readonly<Record<string, string | null>>;
  shapes: Readonly<Record<string, Shape>>;
}>;

const kept = new Map<ServiceName, ServiceModel>();

/** A service's model, read once from the file that scripts/extract-service-shapes.py wrote. */
export function readServiceModel(service: ServiceName): ServiceModel {
  const known = kept.get(service);
  if (known !== undefined) return known;
  const model = JSON.parse(readFileSync(new URL(`./${service}.json`, import.meta.url), "utf8")) as ServiceModel;
  kept.set(service, model);
  return model;
}
