import type { Request, RequestHandler, Response } from "express";
import { ServiceError } from "../domain/errors.js";
import type { PageFile } from "../domain/page-file.js";
import { createCatalogItems } from "./catalog-items.js";
import type { Routes } from "./mount-routes.js";
import { send, sendEmpty } from "./send.js";
import type { Served } from "./served.js";

/** The page may load its own files and ask its own server, and nothing else; no other site may frame it or read it. */
const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

type PageParts = Readonly<{ served: () => Served | null }>;

/** The page, its parts below `/page/`, and what it shows of the catalog. */
export function createPageRoutes(files: readonly PageFile[], parts: PageParts): Routes {
  const page = files.find(({ name }) => name === "page.html");
  if (page === undefined) throw new RangeError("the page has no page.html");
  const routes: Routes = {
    "/": { get: createFileRoute(page) },
    "/catalog/items": { get: createCatalogItems(parts) },
    "/catalog/thumbnail": { get: createThumbnailRoute(parts) },
  };
  const partRoutes = files.filter((file) => file !== page);
  return {
    ...routes,
    ...Object.fromEntries(partRoutes.map((file) => [`/page/${file.name}`, { get: createFileRoute(file) }])),
  };
}

function createFileRoute({ contentType, bytes, digest }: PageFile): RequestHandler {
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    sendKnown(request, response, { contentType, bytes, digest });
  };
}

/** `GET /catalog/thumbnail?id=...` */
function createThumbnailRoute({ served }: PageParts): RequestHandler {
  return async (request, response) => {
    const service = served();
    if (service === null) throw new ServiceError("not_ready");
    const { id } = request.query;
    if (typeof id !== "string") throw new ServiceError("option_invalid", { option: "id", reason: "one id is needed" });
    const row = service.rowOf(id);
    if (row === undefined) throw new ServiceError("item_unknown", { item_id: id });
    const found = (await service.readThumbnail?.(row)) ?? null;
    if (found === null) throw new ServiceError("reference_not_found", { item_id: id });
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    sendKnown(request, response, { contentType: "image/webp", ...found });
  };
}

/** What the caller has already is not sent again; it asks each time, because another build has other files. */
function sendKnown(request: Request, response: Response, { contentType, bytes, digest }: Omit<PageFile, "name">): void {
  const tag = `"${digest.slice(0, 32)}"`;
  response.setHeader("etag", tag).setHeader("cache-control", "no-cache");
  const known = (request.get("if-none-match") ?? "").split(",").map((each) => each.trim().replace(/^W\//, ""));
  if (known.includes(tag) || known.includes("*")) sendEmpty(response, 304);
  else send(response, 200, contentType, bytes);
}
