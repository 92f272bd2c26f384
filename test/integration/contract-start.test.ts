import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { png, typed } from "../support/contract-bodies.js";
import { ask } from "../support/contract-request.js";
import { artifactOf, ownCheck, spawnServer, startOwnServer, useContractTarget } from "../support/contract-target.js";
import { parseDockerfile, textsOf } from "../support/dockerfile.js";
import { freePort } from "../support/free-port.js";
import { listeningAddresses } from "../support/listening-addresses.js";
import { projectFolder, readProjectFile } from "../support/project-files.js";

// sagemaker-contract.md, section 8, checks 1 to 3: how the container comes up.

/** What the image's entry point starts. */
const command = join(projectFolder, "bin/stygig");
const pingStatus = async (url: string) => (await ask(url, { path: "/ping" })).status;

describe("check 1", () => {
  ownCheck("check 1: `serve` listens on every address, whatever words come with it", async () => {
    const parameters = ["--unknown", "value", "serve", "-x"];
    const { server, url } = await startOwnServer({}, { script: command, parameters });
    const { port } = await server.until("server_listening");
    expect(await listeningAddresses(server.child.pid!)).toEqual([`0.0.0.0:${port}`]);
    expect((await ask(url, { headers: typed("image/png"), body: png })).status).toBe(200);
    expect(server.stderr()).toBe("stygig: serve takes no --unknown value serve -x; left out\n");
  });

  ownCheck("check 1: the port is 8080 unless the platform names another one", async () => {
    const server = spawnServer({ PORT: "", STYGIG_MODEL_DIR: await artifactOf() }, { script: command });
    const { config } = await server.until("config_loaded");
    expect(config).toMatchObject({ port: { value: 8080, from: "default" } });
    // Where another program of this machine has it already, the complaint names it.
    const complaint = () => server.ended.then(() => server.stderr());
    const outcome = await server.until("server_listening").then(({ port }) => port, complaint);
    expect([8080, "stygig: port 8080 is already in use\n"]).toContain(outcome);
  });

  // What only an engine shows is in docs/unverified.md; what the images copy runs in test/contract/docker.test.ts.
  it.each(["cpu", "gpu"])("check 1: the %s image has an exec-form ENTRYPOINT and takes `serve`", (name) => {
    const stage = parseDockerfile(readProjectFile("Dockerfile")).find((each) => each.name === name)!;
    const [entryPoint] = textsOf(stage, "ENTRYPOINT");
    expect(JSON.parse(entryPoint!)).toEqual(["node", "/opt/stygig/bin/stygig"]);
    expect(JSON.parse(textsOf(stage, "CMD")[0]!)).toEqual(["serve"]);
    expect(textsOf(stage, "EXPOSE")).toEqual(["8080"]);
  });

  it("check 1: the Dockerfile says how it is pushed in Docker's own media types, for linux/amd64", () => {
    const [line] = readProjectFile("Dockerfile").match(/^# +docker buildx build .*$/m)!;
    for (const flag of ["--platform linux/amd64", "--provenance=false", "--sbom=false", "oci-mediatypes=false"]) {
      expect(line).toContain(flag);
    }
  });
});

describe("check 2", () => {
  const range = (low: number, high: number) => `${low}-${high}`;

  ownCheck("check 2: SAGEMAKER_BIND_TO_PORT alone is served", async () => {
    const port = await freePort();
    const env = {
      SAGEMAKER_BIND_TO_PORT: String(port),
      SAGEMAKER_SAFE_PORT_RANGE: range(port + 1, port + 7),
      PORT: "1",
    };
    const { server, url } = await startOwnServer(env);
    expect(url).toMatch(new RegExp(`:${port}$`));
    expect((await ask(url, { headers: typed("image/png"), body: png })).status).toBe(200);
    expect(await listeningAddresses(server.child.pid!)).toEqual([`0.0.0.0:${port}`]);
  });

  ownCheck("check 2: a further port inside the range is listened on, and no other", async () => {
    const [port, adminPort] = [await freePort(), await freePort()];
    const { server } = await startOwnServer({
      SAGEMAKER_BIND_TO_PORT: String(port),
      SAGEMAKER_SAFE_PORT_RANGE: range(adminPort, adminPort),
      STYGIG_ADMIN_PORT: String(adminPort),
    });
    const expected = [`0.0.0.0:${port}`, `127.0.0.1:${adminPort}`].sort();
    expect(await listeningAddresses(server.child.pid!)).toEqual(expected);
  });

  ownCheck("check 2: a further port outside the range is refused in one line, before anything listens", async () => {
    const server = spawnServer({
      SAGEMAKER_BIND_TO_PORT: String(await freePort()),
      SAGEMAKER_SAFE_PORT_RANGE: range(23_000, 23_999),
      STYGIG_ADMIN_PORT: "24000",
    });
    expect(await server.ended).toBe(2);
    expect(server.stderr()).toBe(
      "stygig: STYGIG_ADMIN_PORT must be inside SAGEMAKER_SAFE_PORT_RANGE, 23000-23999, not 24000.\n",
    );
    expect(server.stdout()).toBe("");
  });
});

describe("check 3", () => {
  ownCheck("check 3: /ping is 503 until the model has been warmed up, then 200 and stays so", async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const server = spawnServer({ PORT: String(port), STYGIG_MODEL_DIR: await artifactOf() });
    const statuses: number[] = [];
    while (statuses.at(-1) !== 200) {
      const answer = await ask(url, { path: "/ping" }).catch(() => null);
      if (server.child.exitCode !== null) expect.fail(server.stderr());
      if (answer !== null) statuses.push(answer.status);
      if (answer !== null) expect(answer.body.length).toBe(0);
    }
    for (let i = 0; i < 200; i++) statuses.push(await pingStatus(url));
    const changes = statuses.filter((status, at) => at === 0 || status !== statuses[at - 1]);
    expect(changes).toEqual([503, 200]);
    const { startup_ms } = await server.until("server_ready");
    console.log(`from start to ping 200: ${startup_ms} ms`);
    expect(startup_ms).toBeLessThan(480_000);
  });

  const target = useContractTarget();

  it("check 3: /ping of a server that is up is 200 with an empty body", async () => {
    const answer = await ask(target.url(), { path: "/ping" });
    expect([answer.status, answer.headers["content-length"], answer.body.length]).toEqual([200, "0", 0]);
  });
});
