// `node scripts/smoke.js [REPORT]`: the main job from outside, as a newcomer does it. Starts the demo on a free port, asks
// about a picture, stops it, starts it again. Writes its checks in the shape of vitest's JSON report.
import "./require-node.js";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { projectFolder } from "./project.js";
import { provideSampleArtifact } from "./sample-artifact.js";

const firstStartLimitMs = 15 * 60_000;
// Aim: 3 s on a machine of its own. A shared one may be many times slower without anything being wrong with us.
const laterStartLimitMs = 60_000;
const stopLimitMs = 30_000;

const checks = [];

async function check(name, work) {
  try {
    const figure = await work();
    checks.push({ fullName: name, status: "passed" });
    console.log(`passed: ${name}${figure === undefined ? "" : ` (${figure})`}`);
  } catch (error) {
    checks.push({ fullName: name, status: "failed" });
    console.log(`failed: ${name}: ${error.message}`);
  }
}

function must(condition, complaint) {
  if (!condition) throw new Error(complaint);
}

/** A port that nobody uses: the system picks one, and we let it go again. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function startDemo(port) {
  const demo = spawn("npm", ["run", "demo", "--", "--no-system-packages"], {
    cwd: projectFolder,
    env: { ...process.env, PORT: String(port), SAGEMAKER_BIND_TO_PORT: "" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [demo.stdout, demo.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = new Promise((resolve) => demo.once("exit", (code, signal) => resolve(code ?? signal)));
  return { ended, output: () => output, hasEnded: () => demo.exitCode !== null || demo.signalCode !== null, demo };
}

async function untilReady(running, port, limitMs) {
  const start = performance.now();
  for (;;) {
    must(!running.hasEnded(), `the demo ended early:\n${running.output().slice(-2000)}`);
    const elapsed = performance.now() - start;
    must(elapsed < limitMs, `not ready after ${limitMs} ms:\n${running.output().slice(-2000)}`);
    const answer = await fetch(`http://localhost:${port}/ping`).catch(() => null);
    if (answer?.status === 200) return `${(elapsed / 1000).toFixed(1)} s`;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** As a terminal or a service manager does: to the whole group. */
async function stop({ demo, ended }, signal) {
  const start = performance.now();
  process.kill(-demo.pid, signal);
  const late = new Promise((resolve) => setTimeout(resolve, stopLimitMs, "no exit").unref());
  const code = await Promise.race([ended, late]);
  if (code === "no exit") process.kill(-demo.pid, "SIGKILL");
  must(code === 0, `exit code ${code}`);
  return `${(performance.now() - start).toFixed(0)} ms`;
}

async function askAboutPicture(port) {
  const { picture } = await provideSampleArtifact();
  const response = await fetch(`http://localhost:${port}/invocations`, {
    method: "POST",
    headers: { "content-type": picture.endsWith(".png") ? "image/png" : "image/jpeg" },
    body: readFileSync(join(projectFolder, picture)),
  });
  const reply = await response.json();
  must(response.status === 200, `status ${response.status}: ${JSON.stringify(reply).slice(0, 500)}`);
  must(reply.recommendations?.length > 0, `no recommendations: ${JSON.stringify(reply).slice(0, 500)}`);
  return `${reply.recommendations.length} recommendations`;
}

const port = await freePort();
const first = startDemo(port);
await check("the demo becomes ready", () => untilReady(first, port, firstStartLimitMs));
await check("a picture is answered with recommendations", () => askAboutPicture(port));
await check("a second demo on the same port ends with one clear line", async () => {
  const second = startDemo(port);
  must((await second.ended) !== 0, "exit code 0");
  const complaint = second
    .output()
    .split("\n")
    .filter((line) => line.startsWith("stygig: "));
  must(complaint.length === 1 && complaint[0].includes(String(port)), second.output().slice(-2000));
  return complaint[0];
});
await check("SIGTERM to the process group ends it with exit code 0", () => stop(first, "SIGTERM"));
const again = startDemo(port);
await check("a later start does no work again", async () => {
  const figure = await untilReady(again, port, laterStartLimitMs);
  must(!/Installing|Drawing|built build/.test(again.output()), again.output().slice(-2000));
  return figure;
});
await check("Ctrl-C ends it with exit code 0", () => stop(again, "SIGINT"));

const isSuccess = checks.every(({ status }) => status === "passed");
const results = [{ name: "scripts/smoke.js", status: isSuccess ? "passed" : "failed", assertionResults: checks }];
if (process.argv[2] !== undefined) {
  writeFileSync(process.argv[2], JSON.stringify({ success: isSuccess, testResults: results }));
}
process.exitCode = isSuccess ? 0 : 1;
