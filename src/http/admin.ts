import type { Express, Request, RequestHandler } from "express";
import { ServiceError } from "../domain/errors.js";
import type { Now } from "../serving/clock.js";
import type { Log } from "../serving/log.js";
import type { Metrics } from "../serving/metrics.js";
import type { Reload, ReloadOutcome } from "../serving/reload.js";
import { mountRoutes, type Routes } from "./mount-routes.js";
import { sendJson } from "./send.js";

export type AdminParts = Readonly<{
  reload: Reload;
  /** Every setting with its value and its variable. */
  config: Readonly<Record<string, unknown>>;
  log: Log;
  metrics: Metrics;
  now: Now;
}>;

/**
 * The operator's routes, for a listener of their own on the loopback address. They read neither query nor body: what is
 * loaded, and from where, is the environment's to say.
 */
export function createAdminApp(parts: AdminParts): Express {
  const routes: Routes = {
    "/admin/reload": { post: forOperators(createReloadRoute(parts)) },
    "/admin/config": { get: forOperators((_request, response) => sendJson(response, 200, { config: parts.config })) },
  };
  return mountRoutes(routes, parts);
}

const ownNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1"]);

/** A browser on this machine can be led here by a foreign page, or by a foreign name for the loopback address. */
function forOperators(handler: RequestHandler): RequestHandler {
  return (request, response, next) => {
    const isForeign = request.headers.origin !== undefined || !ownNames.has(toHostName(request));
    if (isForeign) throw new ServiceError("route_unknown", { path: request.path });
    return handler(request, response, next);
  };
}

function toHostName({ headers }: Request): string {
  return (headers.host ?? "").replace(/:\d*$/, "").toLowerCase();
}

function createReloadRoute({ reload }: AdminParts): RequestHandler {
  return async (_request, response) => {
    const { from, to, milliseconds } = requireReloaded(await reload.now());
    sendJson(response, 200, {
      status: "reloaded",
      catalog_digest: to,
      previous_catalog_digest: from,
      milliseconds: Math.round(milliseconds),
    });
  };
}

/** @throws ServiceError `reload_failed` | `reload_running` | `not_ready` | `shutting_down` */
function requireReloaded(outcome: ReloadOutcome): ReloadOutcome & { kind: "reloaded" } {
  switch (outcome.kind) {
    case "reloaded":
      return outcome;
    case "kept":
      throw new ServiceError("reload_failed", { reason: outcome.reason, catalog_digest: outcome.digest });
    case "busy":
      throw new ServiceError("reload_running");
    case "not_ready":
      throw new ServiceError("not_ready");
    case "stopping":
      throw new ServiceError("shutting_down");
  }
}
