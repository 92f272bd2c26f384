import { errorAnswers } from "./openapi-errors.js";
import type { OpenApiDocument } from "./openapi-operation.js";
import { paths } from "./openapi-routes.js";
import { componentSchemas } from "./openapi-schemas.js";

/**
 * The API as OpenAPI 3.1, from the schemas that requests are judged by, the error catalog and the table of content types;
 * `version` is the program's.
 */
export function toOpenApiDocument(version: string): OpenApiDocument {
  const { "404": routeUnknown, "405": methodNotAllowed } = errorAnswers(["route_unknown", "method_not_allowed"]);
  return {
    openapi: "3.1.1",
    info: {
      title: "StyGig",
      version,
      summary: "Looks at a photo of one garment and completes the outfit.",
      description:
        "Every answer has its length. A failure is never a 200, but for one record among many in a body, and has a code " +
        "that does not change. `HEAD` is answered wherever `GET` is. A path that is not here is 404 `route_unknown`, " +
        "another method 405 `method_not_allowed` with `Allow`. What is no HTTP is 400 without a body. What the page at `/` " +
        "loads for itself is no part of this.",
    },
    servers: [{ url: "/", description: "The server that this document comes from" }],
    tags: [
      { name: "recommend", description: "What the service is for" },
      { name: "platform", description: "What SageMaker asks" },
      { name: "operate", description: "For operators and their machines" },
    ],
    paths,
    components: {
      schemas: componentSchemas(),
      responses: { RouteUnknown: routeUnknown!, MethodNotAllowed: methodNotAllowed! },
    },
  };
}
