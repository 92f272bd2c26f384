import { expect, test } from "vitest";
import { toOpenApiDocument } from "../../src/http/openapi-document.js";
import { operationsOf } from "../support/openapi-validator.js";
import { routesIn } from "../support/route-table.js";

test("the document of the routes has every route of the service and its operators, and no other", () => {
  const told = operationsOf(toOpenApiDocument("0.0.0")).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  // What the page loads is between it and its server, and changes with it.
  const routes = ["src/http/app.ts", "src/http/admin.ts"].flatMap(routesIn);
  expect(routes).toContain("POST /invocations");
  expect([...told].sort()).toEqual([...routes].sort());
});
