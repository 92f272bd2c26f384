import { Command } from "commander";
import { readVersion } from "./version.js";

type Environment = Readonly<Record<string, string | undefined>>;
type Around = Readonly<{ env: Environment; version: string }>;
type AddCommand = (program: Command, around: Around) => Promise<void>;

/** In the order of the help. Each is loaded as it is added: all of them take longer to load than most take to run. */
const commands: Readonly<Record<string, AddCommand>> = {
  serve: async (program) => (await import("./serve.js")).addServeCommand(program),
  train: async (program, { env }) => (await import("./train.js")).addTrainCommand(program, env),
  recommend: async (program) => (await import("./recommend.js")).addRecommendCommand(program),
  lookbook: async (program) => (await import("./lookbook.js")).addLookbookCommand(program),
  catalog: async (program, { env }) => (await import("./catalog.js")).addCatalogCommands(program, env),
  model: async (program, { env }) => (await import("./model.js")).addModelCommands(program, env),
  rank: async (program) => (await import("./rank.js")).addRankCommand(program),
  color: async (program) => (await import("./color.js")).addColorCommand(program),
  eval: async (program) => (await import("./eval.js")).addEvalCommand(program),
  deploy: async (program, { env, version }) => (await import("./deploy.js")).addDeployCommands(program, env, version),
  doctor: async (program, { env }) => (await import("./doctor.js")).addDoctorCommand(program, env),
  invoke: async (program) => (await import("./invoke.js")).addInvokeCommands(program),
  compare: async (program) => (await import("./compare.js")).addCompareCommand(program),
  loadtest: async (program, { version }) => (await import("./loadtest.js")).addLoadtestCommand(program, version),
  openapi: async (program, { version }) => (await import("./openapi.js")).addOpenApiCommand(program, version),
};

/**
 * The one command with all its subcommands, or with the one that `wanted` names, where that is enough; parses nothing yet.
 * `env` is what `stygig model pull` finds its hub in.
 */
export async function createProgram(env: Environment = {}, wanted?: string): Promise<Command> {
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
  const around = { env, version: readVersion() };
  for (const add of addersOf(wanted)) await add(program, around);
  return program;
}

function addersOf(wanted: string | undefined): readonly AddCommand[] {
  if (wanted === "--version" || wanted === "-V") return [];
  const all = Object.entries(commands);
  const found = all.filter(([name]) => name === wanted);
  return (found.length > 0 ? found : all).map(([, add]) => add);
}
