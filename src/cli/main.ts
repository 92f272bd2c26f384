import { createProgram } from "./program.js";
import { runProgram } from "./run-program.js";

await runProgram(await createProgram(process.env, process.argv[2]));
