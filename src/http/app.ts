import type { Express } from "express";
import type { ReadGpuStats } from "../domain/gpu-stats.js";
import type { PageFile } from "../domain/page-file.js";
import type { Now } from "../serving/clock.js";
import type { Log } from "../serving/log.js";
import { docsHeaders, toDocsPage } from "./docs-page.js";
import { createExecutionParameters, type TransformWishes } from "./execution-parameters.js";
import { createFixedAnswer } from "./fixed-answer.js";
import { createGpuStats } from "./gpu-stats.js";
import { createHealth, createPing } from "./health.js";
import { createInvocations, type InvocationParts } from "./invocations.js";
import { createMetricsPage } from "./metrics-page.js";
import { mountRoutes, type Routes } from "./mount-routes.js";
import { toOpenApiDocument } from "./openapi-document.js";
import { createPageRoutes } from "./page-routes.js";

export type AppParts = InvocationParts &
  Readonly<{
    transform: TransformWishes;
    readGpuStats: ReadGpuStats;
    /** The program's. */
    version: string;
    /** The page's files; null where there is none. */
    page: readonly PageFile[] | null;
    log: Log;
    now: Now;
  }>;

/** Every route, as an application that listens nowhere yet. */
export function createApp(parts: AppParts): Express {
  const document = toOpenApiDocument(parts.version);
  const routes: Routes = {
    "/ping": { get: createPing(parts) },
    "/invocations": { post: createInvocations(parts) },
    "/execution-parameters": { get: createExecutionParameters(parts.transform) },
    "/metrics": { get: createMetricsPage(parts) },
    "/health": { get: createHealth(parts) },
    "/gpu/stats": { get: createGpuStats(parts) },
    "/openapi.json": { get: createFixedAnswer("application/json", JSON.stringify(document)) },
    "/docs": { get: createFixedAnswer("text/html; charset=utf-8", toDocsPage(document), docsHeaders) },
  };
  const pageRoutes = parts.page === null ? {} : createPageRoutes(parts.page, parts);
  return mountRoutes({ ...routes, ...pageRoutes }, parts);
}
