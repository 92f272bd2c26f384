// Builds the FAISS addon with the system's compiler: `node native/faiss/build.js [--sanitize=address]`.
// Where FAISS or a compiler is absent it says so and succeeds: the exact index in TypeScript serves instead.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const compiler = process.env.CXX || "g++";
const sanitizer = process.argv.find((argument) => argument.startsWith("--sanitize="))?.slice("--sanitize=".length);
const name = sanitizer === undefined ? "stygig_faiss" : `stygig_faiss_${sanitizer}`;
const target = join(folder, "build", `${name}.node`);
const stampFile = join(folder, "build", `${name}.stamp`);

function say(line) {
  console.log(`faiss: ${line}`);
}

function includeFolder(packageName, ...inside) {
  return join(dirname(require.resolve(`${packageName}/package.json`)), ...inside);
}

function run(parameters, input = "") {
  return spawnSync(compiler, parameters, { input, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
}

/** What is missing for a build, in words, or null. */
function missingPart() {
  if (run(["--version"]).status !== 0) return `no C++ compiler (${compiler})`;
  if (run(["-E", "-x", "c++", "-include", "faiss/Index.h", "-"]).status !== 0) return "no FAISS headers";
  for (const packageName of ["node-addon-api", "node-api-headers"]) {
    try {
      require.resolve(`${packageName}/package.json`);
    } catch {
      return `no npm package ${packageName}`;
    }
  }
  return null;
}

const missing = missingPart();
if (missing !== null) {
  const consequence = existsSync(target)
    ? "the addon built earlier stays in use"
    : "the exact index in TypeScript serves instead";
  say(`not built, ${missing}; ${consequence}. To get FAISS: apt-get install libfaiss-dev libopenblas-dev g++`);
  process.exit(0);
}

const sources = readdirSync(folder)
  .filter((file) => file.endsWith(".cc"))
  .sort();
const inputs = readdirSync(folder).filter((file) => /\.(cc|h|js)$/.test(file));
const parameters = [
  "-std=c++17",
  ...(sanitizer === undefined ? ["-O3"] : ["-O1", "-g", "-fno-omit-frame-pointer", `-fsanitize=${sanitizer}`]),
  ...["-Wall", "-Wextra", "-fPIC", "-fopenmp", "-fvisibility=hidden", "-shared"],
  ...["-DNAPI_VERSION=8", "-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL"],
  // While a thread is being terminated no exception can be thrown into it, and trying to would end the process.
  "-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
  // Headers of others are not ours to warn about.
  ...["-isystem", includeFolder("node-addon-api"), "-isystem", includeFolder("node-api-headers", "include")],
  ...sources,
  // FAISS is linked in, so that only libopenblas0 and libgomp1 are needed where the addon runs; its symbols stay
  // inside, and the addon is never unloaded: OpenMP's threads outlive the JavaScript thread that loaded it.
  ...["-l:libfaiss.a", "-lopenblas", "-Wl,--exclude-libs,ALL", "-Wl,-z,nodelete"],
];

/** Changes with anything that could change the result. */
function fingerprint() {
  const hash = createHash("sha256");
  for (const file of inputs.sort()) hash.update(file).update(readFileSync(join(folder, file)));
  hash.update(JSON.stringify(parameters)).update(run(["--version"]).stdout);
  const macros = "#include <faiss/Index.h>\nFAISS_VERSION_MAJOR.FAISS_VERSION_MINOR.FAISS_VERSION_PATCH\n";
  const version = run(["-E", "-P", "-x", "c++", "-"], macros).stdout.trim().split("\n").at(-1);
  for (const packageName of ["node-addon-api", "node-api-headers"]) {
    hash.update(require(`${packageName}/package.json`).version);
  }
  return { stamp: hash.update(version).digest("hex"), version: version.replaceAll(" ", "") };
}

const { stamp, version } = fingerprint();
if (existsSync(target) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) {
  say(`build/${name}.node is up to date (FAISS ${version})`);
  process.exit(0);
}

mkdirSync(join(folder, "build"), { recursive: true });
const started = performance.now();
// Under another name first: replacing a file that a running process has mapped would crash it.
const partial = `${target}.${process.pid}`;
const result = spawnSync(compiler, [...parameters, "-o", partial], { cwd: folder, encoding: "utf8" });
if (result.status !== 0) {
  rmSync(partial, { force: true });
  process.stderr.write(`${result.stdout}${result.stderr}`);
  say(`${compiler} failed`);
  process.exit(1);
}
renameSync(partial, target);
writeFileSync(stampFile, stamp);
if (result.stderr !== "") process.stderr.write(result.stderr);
say(`built build/${name}.node (FAISS ${version}, ${((performance.now() - started) / 1000).toFixed(1)} s)`);
