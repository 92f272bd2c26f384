import { type Command, CommanderError } from "commander";
import { exitCodes, tell } from "./output.js";

/** Parses the command line, runs what it names, and leaves the exit code for the end of the process. */
export async function runProgram(program: Command): Promise<void> {
  // A reader that has seen enough (`| head`) closes the pipe; that is not a failure of ours.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCodes.done);
    throw error;
  });
  const all = [program, ...program.commands, ...program.commands.flatMap((command) => command.commands)];
  for (const command of all) command.exitOverride();
  try {
    await program.parseAsync(process.argv);
  } catch (error) {
    process.exitCode = toExitCode(program.name(), error);
  }
}

function toExitCode(name: string, error: unknown): number {
  // Commander has already printed its help or its complaint.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  tell(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  return exitCodes.failed;
}
