import type { Command } from "commander";
import { addInvokeAsyncCommand } from "./invoke-async.js";
import { addInvokeSyncCommand } from "./invoke-sync.js";

/** Adds `stygig invoke` with its subcommands. */
export function addInvokeCommands(program: Command): void {
  const invoke = program.command("invoke").summary("ask a server or an endpoint");
  addInvokeSyncCommand(invoke);
  addInvokeAsyncCommand(invoke);
}
