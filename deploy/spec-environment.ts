import { parseServerConfig } from "../src/config.js";
import type { FlagReader } from "./spec-flags.js";

type Place = Readonly<{
  mode: "sync" | "async" | "serverless" | "batch";
  name: string;
  region: string;
  variantName: string;
}>;

// The service's own limits on a container's environment.
const maxVariables = 100;
const maxTextLength = 1024;
const maxEnvironmentBytes = 32 * 1024;
const keyPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Set by the mode: an endpoint told otherwise would answer by the wrong deadline. */
const modeVariables: ReadonlySet<string> = new Set(["STYGIG_ASYNC", "ASYNC_INFERENCE"]);

/** What the container gets: ours, then each `--env KEY=VALUE`, held against the server's own table of variables. */
export function readEnvironment(reader: FlagReader, place: Place): Readonly<Record<string, string>> {
  const environment: Record<string, string> = { ...usualEnvironment(place) };
  for (const text of reader.texts("env")) {
    const cut = text.indexOf("=");
    const [key, value] = [text.slice(0, Math.max(0, cut)), text.slice(cut + 1)];
    if (cut < 1 || !keyPattern.test(key) || key.length > maxTextLength || value.length > maxTextLength) {
      reader.refuse(
        `--env must be KEY=VALUE, each of at most ${maxTextLength} characters, not "${text.slice(0, 100)}"`,
      );
    } else if (modeVariables.has(key)) {
      reader.refuse(`--env ${key} cannot be set: the mode, ${place.mode}, sets it`);
    } else {
      environment[key] = value;
    }
  }
  const parsed = parseServerConfig(environment);
  if ("problems" in parsed) for (const problem of parsed.problems) reader.refuse(`--env: ${problem}`);
  checkSize(reader, environment);
  return environment;
}

/** The platform tells a container neither its endpoint's name nor its variant's, and its region not dependably. */
function usualEnvironment({ mode, name, region, variantName }: Place): Readonly<Record<string, string>> {
  if (mode === "batch") return { AWS_REGION: region };
  return {
    AWS_REGION: region,
    STYGIG_VARIANT_NAME: variantName,
    STYGIG_EMF_DIMENSIONS: `EndpointName=${name || "unnamed"}`,
    ...(mode === "async" ? { STYGIG_ASYNC: "true" } : {}),
  };
}

function checkSize(reader: FlagReader, environment: Readonly<Record<string, string>>): void {
  const entries = Object.entries(environment);
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.join("")), 0);
  if (entries.length > maxVariables) reader.refuse(`--env: at most ${maxVariables} variables, not ${entries.length}`);
  if (bytes > maxEnvironmentBytes) reader.refuse(`--env: at most ${maxEnvironmentBytes} bytes in all, not ${bytes}`);
}
