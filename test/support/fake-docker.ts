import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseLines } from "./run-stygig.js";

/** How it was called, and what came by stdin. */
type DockerCall = Readonly<{ parameters: readonly string[]; stdin: string }>;

export type FakeDocker = Readonly<{
  /** To be the PATH. */
  folder: string;
  calls: () => Promise<readonly DockerCall[]>;
}>;

/**
 * What docker does as far as one can see from outside, by its documentation: `buildx version`; `login`, which reads the
 * password and says "Login Succeeded" on stdout; `buildx build`, which refuses flags that it does not know with 125,
 * builds nothing without a Dockerfile, tells its progress on stderr and writes the digest into the metadata file.
 */
const script = `
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const [log, behavior] = [join(__dirname, "calls.jsonl"), JSON.parse(readFileSync(join(__dirname, "behavior.json")))];
const parameters = process.argv.slice(2);
const stdin = parameters.includes("--password-stdin") ? readFileSync(0, "utf8") : "";
appendFileSync(log, JSON.stringify({ parameters, stdin }) + "\\n");
const end = (code, text) => { process.stderr.write(text + "\\n"); process.exit(code); };
const words = parameters.filter((each) => !each.startsWith("-")).slice(0, 2).join(" ");
if (words === "buildx version") {
  if (behavior.hasBuildx === false) end(1, "docker: 'buildx' is not a docker command.");
  console.log("github.com/docker/buildx v0.23.0");
} else if (parameters[0] === "login") {
  if (stdin !== behavior.password) end(1, "Error response from daemon: login attempt failed with status: 400 Bad Request");
  console.log("Login Succeeded");
} else if (words === "buildx build") {
  const withValue = ["--platform", "--output", "--target", "--tag", "--metadata-file"];
  const given = {};
  let folder = null;
  for (let at = 2; at < parameters.length; at++) {
    const [name, value] = parameters[at].split(/=(.*)/s);
    if (withValue.includes(name)) given[name] = parameters[++at];
    else if (["--provenance", "--sbom"].includes(name)) given[name] = value;
    else if (name.startsWith("-")) end(125, "unknown flag: " + name);
    else folder = name;
  }
  if (folder === null) end(1, "ERROR: docker buildx build requires 1 argument");
  if (!existsSync(join(folder, "Dockerfile"))) end(1, "ERROR: failed to read dockerfile");
  if (behavior.hangs) {
    process.on("SIGINT", () => end(130, "ERROR: failed to build: failed to solve: Canceled: context canceled"));
    setInterval(() => {}, 1000);
    appendFileSync(log, JSON.stringify({ parameters: ["building"], stdin: "" }) + "\\n");
  } else {
    if (behavior.fails) end(1, "ERROR: failed to solve: process did not complete successfully: exit code: 1");
    process.stderr.write("#1 DONE 0.1s\\n");
    writeFileSync(given["--metadata-file"], JSON.stringify({ "containerimage.digest": behavior.digest, "image.name": given["--tag"] }));
  }
} else end(1, "docker: '" + parameters[0] + "' is not a docker command.");
`;

type Behavior = Readonly<{
  password: string;
  digest: string;
  hasBuildx?: boolean;
  fails?: boolean;
  hangs?: boolean;
}>;

/** Puts an executable named docker into a folder, which writes down how it is called. */
export async function installFakeDocker(folder: string, behavior: Behavior): Promise<FakeDocker> {
  await writeFile(join(folder, "behavior.json"), JSON.stringify(behavior));
  await writeFile(join(folder, "package.json"), '{"type":"commonjs"}');
  await writeFile(join(folder, "docker"), `#!${process.execPath}\n${script}`);
  await chmod(join(folder, "docker"), 0o755);
  const read = () => readFile(join(folder, "calls.jsonl"), "utf8").catch(() => "");
  return { folder, calls: async () => parseLines(await read()) };
}
