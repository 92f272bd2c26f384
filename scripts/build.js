// `npm run build`: compiles TypeScript, removes what no longer has a source, copies what is not TypeScript, then builds
// the FAISS addon. Quick when nothing changed.
import "./require-node.js";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digestOf, filesBelow, projectFolder, runCommand, runScript, ScriptFailure } from "./project.js";

const compiledFolders = ["src", "catalog", "models", "native", "deploy", "client", "page", "test"];
// What reads files beside its own code: the server, of deploy the service models, and the page. Everything else is found
// from the project's folder.
const assetFolders = ["src/", "deploy/", "page/"];
const stampFile = join(projectFolder, "dist/.stamp");

function outputOf(source) {
  return `dist/${source.replace(/\.ts$/, ".js")}`;
}

function isAsset(file) {
  const isOurs = assetFolders.some((folder) => file.startsWith(folder));
  return isOurs && !file.endsWith(".ts") && !file.endsWith("tsconfig.json");
}

function removeStaleOutputs(outputs) {
  for (const file of filesBelow("dist")) {
    if (file.startsWith("dist/.") || outputs.has(file.replace(/\.d\.ts$/, ".js"))) continue;
    rmSync(join(projectFolder, file));
    // Folders that held nothing else go with it.
    for (let folder = dirname(file); readdirSync(join(projectFolder, folder)).length === 0; folder = dirname(folder)) {
      rmSync(join(projectFolder, folder), { recursive: true });
    }
  }
}

function compile(sources) {
  const compiler = join(projectFolder, "node_modules/typescript/bin/tsc");
  if (!existsSync(compiler)) throw new ScriptFailure("TypeScript is not installed yet: run `npm ci` first.");
  // The compiler trusts its own notes and would not write again what somebody removed.
  if (sources.some((source) => !existsSync(join(projectFolder, outputOf(source))))) {
    rmSync(join(projectFolder, "dist/.tsbuildinfo"), { force: true });
  }
  runCommand(process.execPath, [compiler, "-p", "tsconfig.json"], "TypeScript found problems.");
  // What others import from here comes with its types.
  runCommand(process.execPath, [compiler, "-p", "client/tsconfig.json"], "TypeScript found problems in the client.");
  // Modules for the browser, by its library instead of Node's.
  runCommand(process.execPath, [compiler, "-p", "page/tsconfig.json"], "TypeScript found problems in the page.");
}

function buildTypeScript() {
  const files = compiledFolders.flatMap(filesBelow);
  const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"));
  const assets = files.filter(isAsset);
  const outputs = new Set([...sources, ...assets].map(outputOf));
  const stamp = digestOf([
    ...sources,
    ...assets,
    "tsconfig.json",
    "client/tsconfig.json",
    "page/tsconfig.json",
    "package-lock.json",
    "scripts/build.js",
  ]);
  const isComplete = [...outputs].every((output) => existsSync(join(projectFolder, output)));
  if (isComplete && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  rmSync(stampFile, { force: true });
  compile(sources);
  for (const asset of assets) {
    mkdirSync(dirname(join(projectFolder, outputOf(asset))), { recursive: true });
    copyFileSync(join(projectFolder, asset), join(projectFolder, outputOf(asset)));
  }
  removeStaleOutputs(outputs);
  writeFileSync(stampFile, stamp);
}

await runScript(() => {
  buildTypeScript();
  runCommand(process.execPath, ["native/faiss/build.js"], "The FAISS addon could not be built.");
});
