import { CommanderError } from "commander";
import { exitCodes, tell } from "./output.js";
import { createProgram } from "./program.js";

// A reader that has seen enough (`| head`) closes the pipe; that is not a failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.done);
  throw error;
});

const program = createProgram(process.env);
const all = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)];
for (const command of all) command.exitOverride();

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = toExitCode(error);
}

function toExitCode(error: unknown): number {
  // Commander has already printed its help or its complaint.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  tell(`stygig: ${error instanceof Error ? error.message : String(error)}`);
  return exitCodes.failed;
}
