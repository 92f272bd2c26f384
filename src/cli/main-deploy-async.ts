import { createV4Deploy } from "./deploy-v4.js";
import { runProgram } from "./run-program.js";

await runProgram(createV4Deploy("async", process.env));
