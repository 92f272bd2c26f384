import type { Command } from "commander";
import { toOpenApiDocument } from "../http/openapi-document.js";
import { writeData } from "./output.js";

/** Adds `stygig openapi`: the document of the routes, without a server. */
export function addOpenApiCommand(program: Command, version: string): void {
  program
    .command("openapi")
    .summary("the HTTP API as OpenAPI 3.1")
    .description("Prints what a server answers at /openapi.json, in lines for people; docs/openapi.json is this.")
    .action(() => writeData(JSON.stringify(toOpenApiDocument(version), null, 2)));
}
