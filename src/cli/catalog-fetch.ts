import type { Command } from "commander";
import { fetchArtifact } from "../../catalog/fetch-artifact.js";
import { parseS3Uri } from "../../deploy/s3-uri.js";
import { exitCodes, tellProblems, writeData } from "./output.js";

/** Adds `catalog fetch` to the catalog commands. */
export function addCatalogFetchCommand(catalog: Command): void {
  catalog
    .command("fetch")
    .summary("fetch a packed artifact from S3 into a folder")
    .description(
      "Fetches a model.tar.gz from S3, verifies it and unpacks it, where no platform does so, as on ECS. Prints its digest.",
    )
    .option("--from <uri>", "s3://bucket/<...>.tar.gz")
    .option("--out <folder>", "empty, or not there yet")
    .action(runFetch);
}

async function runFetch({ from, out }: Readonly<{ from?: string; out?: string }>): Promise<void> {
  const place = parseS3Uri(from ?? "");
  const problems = [
    ...(place === null || place.key === "" ? [`--from must be s3://bucket/key, not "${from ?? ""}"`] : []),
    ...(out ? [] : ["--out is missing"]),
  ];
  if (place === null || !out || problems.length > 0) return tellProblems(problems, exitCodes.usage);
  try {
    await writeData(await fetchArtifact(place, out));
  } catch (error) {
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
  }
}
