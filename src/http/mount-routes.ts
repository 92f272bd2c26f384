import express, { type Express, type RequestHandler } from "express";
import { ServiceError } from "../domain/errors.js";
import type { Now } from "../serving/clock.js";
import type { Log } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";
import { answerErrors } from "./error-response.js";
import { observeRequests } from "./observe-request.js";
import { discardRest } from "./read-body.js";

type Method = "get" | "post";

/** Handlers by path and method. */
export type Routes = Readonly<Record<string, Partial<Record<Method, RequestHandler>>>>;

type MountParts = Readonly<{ log: Log; metrics: Metrics; now: Now }>;

/** An application of these routes that listens nowhere yet: observed, and with a code for whatever goes wrong. */
export function mountRoutes(routes: Routes, parts: MountParts): Express {
  const app = express();
  app.disable("x-powered-by").enable("case sensitive routing").enable("strict routing");
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

function refuseMethod(allow: string): RequestHandler {
  return (request, response) => {
    response.setHeader("allow", allow);
    throw new ServiceError("method_not_allowed", { method: request.method, allowed: allow });
  };
}
