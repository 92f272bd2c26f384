import { Command } from "commander";
import { addCatalogCommands } from "./catalog.js";
import { addColorCommand } from "./color.js";
import { addCompareCommand } from "./compare.js";
import { addDeployCommands } from "./deploy.js";
import { addDoctorCommand } from "./doctor.js";
import { addEvalCommand } from "./eval.js";
import { addInvokeCommands } from "./invoke.js";
import { addLoadtestCommand } from "./loadtest.js";
import { addLookbookCommand } from "./lookbook.js";
import { addModelCommands } from "./model.js";
import { addOpenApiCommand } from "./openapi.js";
import { addRankCommand } from "./rank.js";
import { addRecommendCommand } from "./recommend.js";
import { addServeCommand } from "./serve.js";
import { addTrainCommand } from "./train.js";
import { readVersion } from "./version.js";

/** The one command with all its subcommands; parses nothing yet. `env` is what `stygig model pull` finds its hub in. */
export function createProgram(env: Readonly<Record<string, string | undefined>> = {}): Command {
  const program = new Command("stygig");
  program
    .description("Looks at a photo of one garment and completes the outfit.")
    .version(readVersion())
    .showHelpAfterError("(--help tells more)")
    .addHelpText(
      "after",
      `
Examples:
  stygig catalog build --images photos --out artifact   a catalog from folders of pictures
  stygig recommend --artifact artifact --image look.jpg  one answer, without a server
  stygig serve --artifact artifact                       the HTTP server, as in the container
  stygig color 200,30,40 30,200,190                      why two colors go together

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 usage.`,
    );
  addServeCommand(program);
  addTrainCommand(program, env);
  addRecommendCommand(program);
  addLookbookCommand(program);
  addCatalogCommands(program, env);
  addModelCommands(program, env);
  addRankCommand(program);
  addColorCommand(program);
  addEvalCommand(program);
  addDeployCommands(program, env, readVersion());
  addDoctorCommand(program, env);
  addInvokeCommands(program);
  addCompareCommand(program);
  addLoadtestCommand(program, readVersion());
  addOpenApiCommand(program, readVersion());
  return program;
}
