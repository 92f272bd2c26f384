import type { Command } from "commander";
import { createFlagReader, type FlagReader, type Flags } from "../../deploy/spec-flags.js";
import { readEndpointName, readWatchedRegion } from "../../deploy/watch/watch-spec.js";
import type { Parsed } from "../domain/parsed.js";

/** An endpoint that is there, or was. */
export type EndpointPlace = Readonly<{ endpointName: string; region: string }>;

/** Adds the flags that say which endpoint is meant. */
export function addEndpointPlace(command: Command): Command {
  return command
    .option("--endpoint-name <name>", "the endpoint")
    .option("--region <region>", "where (default: AWS_REGION)");
}

/** Which one, and whatever else `readMore` reads from the flags; every problem at once. */
export function readEndpointPlace<More>(
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
  readMore: (reader: FlagReader) => More,
): Parsed<EndpointPlace & More> {
  const problems: string[] = [];
  const reader = createFlagReader(flags, problems);
  const place = { endpointName: readEndpointName(reader), region: readWatchedRegion(reader, env) };
  const value = { ...place, ...readMore(reader) };
  const [first, ...rest] = problems;
  return first === undefined ? { value } : { problems: [first, ...rest] };
}
