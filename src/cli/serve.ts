import type { Command } from "commander";
import { runServer } from "../main.js";
import { exitCodes, tellProblems } from "./output.js";

type ServeFlags = Readonly<{ artifact?: string; port?: string }>;

/** Adds `stygig serve`: the HTTP server, as in the container. */
export function addServeCommand(program: Command): void {
  program
    .command("serve")
    .summary("the HTTP server, as in the container")
    .description(
      "Answers /ping, /invocations, /execution-parameters, /metrics and /health until SIGTERM.\n" +
        "/ is a page to look at outfits with, unless STYGIG_PAGE=off.\n" +
        "Everything but folder and port comes from environment variables; README lists them.",
    )
    .option("--artifact <folder>", "what `stygig catalog build` made (default: STYGIG_MODEL_DIR, else /opt/ml/model)")
    .option("--port <number>", "where to listen (default: SAGEMAKER_BIND_TO_PORT, else PORT, else 8080)")
    // Whatever a platform or a local tool adds to the command is no reason not to serve.
    .allowExcessArguments()
    .allowUnknownOption()
    .action(async ({ artifact, port }: ServeFlags, { args }: Command) => {
      if (args.length > 0) process.stderr.write(`stygig: serve takes no ${args.join(" ")}; left out\n`);
      // An artifact that is still loading would keep the process alive after it was asked to stop.
      if (port !== undefined && !isPort(port)) {
        return tellProblems([`--port must be a whole number from 0 to 65535, not "${port}"`], exitCodes.usage);
      }
      process.exit(await runServer({ port, artifactFolder: artifact, page: "on" }));
    });
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}
