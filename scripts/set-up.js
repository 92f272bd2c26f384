import { installFaissPackages } from "./faiss-packages.js";
import { installPackages } from "./packages.js";
import { runCommand } from "./project.js";

/** From a bare clone to a built project; each step does nothing where its work is already done. @throws ScriptFailure */
export function setUp({ systemPackages }) {
  installPackages();
  installFaissPackages({ allowed: systemPackages });
  runCommand(process.execPath, ["scripts/build.js"], "The build failed.");
}
