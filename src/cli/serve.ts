import type { Command } from "commander";
import { runServer } from "../main.js";

/** Adds `stygig serve`: the HTTP server, as in the container. */
export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .summary("the HTTP server, as in the container")
    .description(
      "Answers /ping, /invocations, /execution-parameters, /metrics and /health until SIGTERM.\n" +
        "/ is a page to look at outfits with, unless STYGIG_PAGE=off.\n" +
        "Everything but the folder comes from environment variables; README lists them.",
    )
    .option("--artifact <folder>", "what `stygig catalog build` made (default: STYGIG_MODEL_DIR, else /opt/ml/model)")
    // Whatever a platform or a local tool adds to the command is no reason not to serve.
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async ({ artifact }: Readonly<{ artifact?: string }>, { args }: Command) => {
      if (args.length > 0) process.stderr.write(`stygig: serve takes no ${args.join(" ")}; left out\n`);
      // An artifact that is still loading would keep the process alive after it was asked to stop.
      process.exit(await runServer({ artifactFolder: artifact, page: "on" }));
    });
}
