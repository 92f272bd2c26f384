import express, { type Express, type RequestHandler } from "express";
import { ServiceError } from "../domain/errors.js";
import type { Now } from "../serving/clock.js";
import type { Log } from "../serving/log.js";
import { answerErrors } from "./error-response.js";
import { createExecutionParameters, type TransformWishes } from "./execution-parameters.js";
import { createHealth, createPing } from "./health.js";
import { createInvocations, type InvocationParts } from "./invocations.js";
import { observeRequests } from "./observe-request.js";
import { discardRest } from "./read-body.js";
import { send } from "./send.js";

export type AppParts = InvocationParts & Readonly<{ transform: TransformWishes; log: Log; now: Now }>;

type Method = "get" | "post";

/** Every route, as an application that listens nowhere yet. */
export function createApp(parts: AppParts): Express {
  const routes: Readonly<Record<string, Partial<Record<Method, RequestHandler>>>> = {
    "/ping": { get: createPing(parts) },
    "/invocations": { post: createInvocations(parts) },
    "/execution-parameters": { get: createExecutionParameters(parts.transform) },
    "/metrics": { get: createMetricsPage(parts) },
    "/health": { get: createHealth(parts) },
  };
  const app = express();
  app.disable("x-powered-by").enable("case sensitive routing");
  app.use(discardRests, observeRequests({ ...parts, routes: new Set(Object.keys(routes)) }));
  for (const [path, handlers] of Object.entries(routes)) {
    const route = app.route(path);
    for (const [method, handler] of Object.entries(handlers)) route[method as Method](handler);
    route.all(refuseMethod("get" in handlers ? "GET, HEAD" : "POST"));
  }
  app.use((request) => {
    throw new ServiceError("route_unknown", { path: request.path });
  });
  app.use(answerErrors);
  return app;
}

/** Whatever was answered before its body was read; see `discardRest`. */
const discardRests: RequestHandler = (request, response, next) => {
  response.once("finish", () => discardRest(request));
  next();
};

function createMetricsPage({ metrics }: AppParts): RequestHandler {
  return async (_request, response) => {
    const { contentType, text } = await metrics.page();
    send(response, 200, contentType, text);
  };
}

function refuseMethod(allow: string): RequestHandler {
  return (request, response) => {
    response.setHeader("allow", allow);
    throw new ServiceError("method_not_allowed", { method: request.method, allowed: allow });
  };
}
