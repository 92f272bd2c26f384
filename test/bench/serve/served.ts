import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { BenchFailure } from "../harness/bench-failure.js";
import { projectFolder } from "../harness/project-folder.js";
import { openConnection } from "./connection.js";
import { ping } from "./requests.js";

/** The built server as a process of its own. */
export type Served = Readonly<{
  port: number;
  /** From the start of the process to the first 200 of `/ping`. */
  readyMs: number;
  /** Resident memory now. */
  rssBytes: () => number;
  /** Processor time of all its threads since its start. */
  cpuMs: () => number;
  /** A series of `/metrics` by its name and labels as written there. */
  metrics: () => Promise<ReadonlyMap<string, number>>;
  /** Has it take what lies at the artifact's place now; resolves when that serves. @throws BenchFailure when it does not */
  reload: () => Promise<void>;
  stop: () => Promise<void>;
  /** Ends it at once, whatever its state. */
  kill: () => void;
}>;

const script = join(projectFolder, "dist/src/main.js");
/** Of /proc's processor times: fixed for user space on Linux. */
const ticksPerSecond = 100;

/** Starts the server and waits until it is ready. @throws BenchFailure when it ends instead */
export async function startServed(artifact: string, settings: Readonly<Record<string, string>>): Promise<Served> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH ?? "",
    PORT: String(port),
    STYGIG_LOG_LEVEL: "error",
    STYGIG_MODEL_DIR: artifact,
    STYGIG_ADMIN_PORT: String(adminPort),
  };
  const startedAt = performance.now();
  const child = spawn(process.execPath, [script, "serve"], {
    env: { ...env, ...settings },
    stdio: ["ignore", "ignore", "inherit"],
  });
  // Nobody else would end it when this process is killed.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  while ((await statusOfPing(port)) !== 200) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new BenchFailure("the server ended while it started");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const readyMs = performance.now() - startedAt;
  const pid = child.pid!;
  return {
    port,
    readyMs,
    rssBytes: () => 1024 * Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]),
    cpuMs: () => {
      // The name in brackets may hold spaces; what follows it starts with the third field.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
      return (1000 * (Number(fields[11]) + Number(fields[12]))) / ticksPerSecond;
    },
    metrics: async () => parseMetrics(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
    reload: async () => {
      const answer = await fetch(`http://127.0.0.1:${adminPort}/admin/reload`, { method: "POST" });
      if (answer.status !== 200) throw new BenchFailure(`the server did not reload: ${await answer.text()}`);
    },
    kill,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new BenchFailure("the server ended by itself");
      child.kill("SIGTERM");
      const [code] = await once(child, "exit");
      if (code !== 0) throw new BenchFailure(`the server ended with ${code}`);
    },
  };
}

async function statusOfPing(port: number): Promise<number | null> {
  try {
    const connection = await openConnection(port);
    const { status } = await connection.ask(ping);
    connection.close();
    return status;
  } catch {
    // It does not listen yet.
    return null;
  }
}

function parseMetrics(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
