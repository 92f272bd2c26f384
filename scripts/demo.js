// `npm run demo`: from a bare clone to a server with a drawn sample catalog. Nothing needs to be installed or typed before.
import "./require-node.js";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { projectFolder, runScript, ScriptFailure } from "./project.js";
import { provideSampleArtifact } from "./sample-artifact.js";
import { setUp } from "./set-up.js";

const usage = "Usage: npm run demo [-- --no-system-packages]   (port: SAGEMAKER_BIND_TO_PORT, PORT or 8080)";
/** npm hands on a signal that the whole process group has had already; the server must not take the pair for impatience. */
const signalEchoMs = 500;

function parseFlags() {
  try {
    const { values } = parseArgs({ options: { "no-system-packages": { type: "boolean", default: false } } });
    return { systemPackages: !values["no-system-packages"] };
  } catch (error) {
    throw new ScriptFailure(`${error.message.split(". ")[0]}. ${usage}`);
  }
}

/** The server as a child of its own group: it hears of signals through us alone, each once. */
function startServer(artifact) {
  const server = spawn(process.execPath, ["bin/stygig", "serve", "--artifact", artifact], {
    cwd: projectFolder,
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  let lastSignalAt = Number.NEGATIVE_INFINITY;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      if (performance.now() - lastSignalAt < signalEchoMs) return;
      lastSignalAt = performance.now();
      server.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
    });
  }
  // Whatever ends this process ends the server.
  process.on("exit", () => server.kill("SIGKILL"));
  return server;
}

function tellWhatToTry(port, picture) {
  const address = `http://localhost:${port}`;
  const type = picture.endsWith(".png") ? "image/png" : "image/jpeg";
  console.log(`
Ready: open ${address} in a browser. Or try, in another terminal and in this folder:
  curl -H 'content-type: ${type}' --data-binary @${picture} ${address}/invocations
  curl ${address}/health
README.md tells more. Ctrl-C ends the server.
`);
}

/** Shows the server's log, and after its line of being ready what there is to do with it. */
function followLog(server, picture) {
  let port;
  createInterface({ input: server.stdout }).on("line", (line) => {
    console.log(line);
    if (line.includes('"event":"server_listening"')) ({ port } = JSON.parse(line));
    if (line.includes('"event":"server_ready"')) tellWhatToTry(port, picture);
  });
}

/** Resolves with the exit code that the demo should have. */
function untilEnded(server) {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("close", (code) => resolve(code ?? 1));
  });
}

await runScript(async () => {
  setUp(parseFlags());
  const { artifact, picture } = await provideSampleArtifact();
  const server = startServer(artifact);
  followLog(server, picture);
  process.exitCode = await untilEnded(server);
});
