import { tmpdir } from "node:os";
import { afterAll, expect } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { ask, parse } from "../support/contract-request.js";
import { projectFolder } from "../support/project-files.js";
import { type ServerProcess, startProcess } from "../support/server-process.js";
import { writeTinyArtifact } from "../support/tiny-artifact.js";
import { basePictures } from "./corpus/base-pictures.js";
import { type Forbidden, innerWorkings } from "./judge.js";
import { keepAliveMs, mostBodyBytes, mostPixels, requestTimeoutMs } from "./limits.js";

export type FuzzedServer = Readonly<{
  server: ServerProcess;
  url: string;
  port: number;
  /** What none of its answers may hold. */
  forbidden: Forbidden;
  secrets: readonly string[];
}>;

const secrets = {
  AWS_SECRET_ACCESS_KEY: "never-shown-key-1",
  AWS_SESSION_TOKEN: "never-shown-token-2",
  HF_TOKEN: "never-shown-hub-3",
};

const started: ServerProcess[] = [];
afterAll(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});

/** The built server with short limits, over a tiny artifact; it ends with the test file at the latest. */
export async function startFuzzedServer(): Promise<FuzzedServer> {
  const folder = await aFolder();
  const server = startProcess({
    // One arena for each thread that happens to ask holds a third more, and up and down by more than a leak would show.
    MALLOC_ARENA_MAX: "2",
    STYGIG_MODEL_DIR: await writeTinyArtifact(folder),
    STYGIG_MAX_PIXELS: String(mostPixels),
    STYGIG_MAX_BODY_BYTES: String(mostBodyBytes),
    // Enough for all that is under way at once: a request that is turned away unread would try nothing.
    STYGIG_MAX_IN_FLIGHT: "512",
    STYGIG_MAX_IN_FLIGHT_BYTES: String(256 * mostBodyBytes),
    STYGIG_MAX_IN_FLIGHT_PIXELS: String(256 * mostPixels),
    STYGIG_REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
    STYGIG_KEEP_ALIVE_MS: String(keepAliveMs),
    // Full long before memory is compared.
    STYGIG_CACHE_ENTRIES: "100",
    // Listed, and still refused.
    STYGIG_ALLOWED_IMAGE_HOSTS: "http://127.0.0.1,169.254.169.254",
    ...secrets,
  });
  started.push(server);
  await server.until("server_ready");
  const port = Number((await server.until("server_listening")).port);
  const forbidden = {
    ...innerWorkings,
    "a folder of the project": projectFolder,
    "a folder of the artifact": folder,
    "the folder of temporary files": tmpdir(),
    "a secret": "never-shown-",
    "the name of a program": process.execPath,
  };
  return { server, url: `http://127.0.0.1:${port}`, port, forbidden, secrets: Object.values(secrets) };
}

/** What a server must still be able to do: the status of its ping, and an answer less its times. */
export async function askWell(url: string): Promise<unknown> {
  const { type, bytes } = basePictures[1]!;
  const ping = await ask(url, { path: "/ping" });
  const answer = await ask(url, { headers: { "content-type": type }, body: bytes });
  expect(answer.status, answer.body.toString()).toBe(200);
  const { metadata: _, ...reply } = parse(answer);
  return { ping: ping.status, reply };
}

/** The page of metrics as numbers by series. */
export async function readMetrics(url: string): Promise<ReadonlyMap<string, number>> {
  const page = (await ask(url, { path: "/metrics" })).body.toString();
  const lines = page.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}
