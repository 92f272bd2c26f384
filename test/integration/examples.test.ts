import { execFile, spawnSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reply } from "../../client/reply.js";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { ask, parse } from "../support/contract-request.js";
import { writeExampleArtifact } from "../support/example-artifact.js";
import { freePort } from "../support/free-port.js";
import { projectFolder, readProjectFile } from "../support/project-files.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { tinyPicture } from "../support/tiny-artifact.js";

// The files of `examples`, as somebody would run them.

const picture = tinyPicture([200, 30, 40]);
const lines = { "content-type": "application/jsonlines" };
let server: RunningServer;
let url = "";
let folder = "";
let look = "";

beforeAll(async () => {
  folder = await aFolder();
  look = join(folder, "look.png");
  await writeFile(look, picture);
  const env = { PORT: "0", STYGIG_ENCODER_WORKERS: "1", INDEX: "exact" };
  server = await serve({ artifactFolder: await writeExampleArtifact(folder), log: captureLog().log, env });
  await server.ready;
  url = `http://127.0.0.1:${server.port}`;
});
afterAll(() => server.stop());

const others: Server[] = [];
afterAll(() => {
  for (const each of others) each.close().closeAllConnections();
});

/** Somebody else's server. */
async function serveOther(answer: RequestListener): Promise<string> {
  const other = createServer(answer);
  others.push(other);
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
}

type Result = Readonly<{ exitCode: number; stdout: string; stderr: string }>;

function run(command: string, args: readonly string[], cwd = projectFolder): Promise<Result> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === "number") resolve({ exitCode, stdout, stderr });
      else reject(error);
    });
  });
}

function declareCaller(command: string, file: string): void {
  const call = (...args: readonly string[]) => run(command, [file, ...args]);

  describe(file, () => {
    it("prints the outfit for a picture, by the options given", async () => {
      const { exitCode, stdout, stderr } = await call(url, look, "top_k=2", "gender=female");
      const attributes = "top_k=2,gender=female";
      const headers = { "content-type": "image/png", "x-amzn-sagemaker-custom-attributes": attributes };
      const { recommendations }: Reply = parse(await ask(url, { headers, body: picture }));
      const rows = recommendations.map((row) => {
        const reason = "match_reason" in row ? row.match_reason : "";
        return [row.rank, row.category, row.item_id, row.score.toFixed(4), reason].join("\t");
      });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(stdout).toBe(`${rows.join("\n")}\n`);
      expect(rows).toHaveLength(2);
    });

    it("prints the nearest items where they are asked for", async () => {
      const { exitCode, stdout } = await call(`${url}/`, look, "mode=similar", "top_k=3");
      expect(exitCode).toBe(0);
      expect(stdout.trimEnd().split("\n")).toHaveLength(3);
    });

    it.each<readonly [string, () => readonly string[] | Promise<readonly string[]>, number, RegExp]>([
      ["without a picture", () => [url], 2, /^usage: /],
      ["of a file that is not there", () => [url, join(folder, "missing.png")], 1, /^recommend: .*missing\.png/],
      ["of a file that is no picture", () => [url, join(projectFolder, file)], 1, /^recommend: image_undecodable: /],
      ["with an option out of range", () => [url, look, "top_k=0"], 1, /^recommend: option_invalid: .*top_k/],
      ["of what is no address", () => ["nowhere", look], 1, /^recommend: ./],
      ["of nobody", async () => [`http://127.0.0.1:${await freePort()}`, look], 1, /^recommend: .*refused/i],
    ])("says in one line why it cannot answer %s", async (_name, args, expected, sentence) => {
      const { exitCode, stdout, stderr } = await call(...(await args()));
      expect({ exitCode, stdout }).toEqual({ exitCode: expected, stdout: "" });
      expect(stderr).toMatch(sentence);
      expect(stderr.trimEnd()).not.toContain("\n");
    });

    it("comes again when a full server says, and takes its answer", async () => {
      let asked = 0;
      const full = await serveOther(async (request, response) => {
        asked++;
        if (asked === 1) return void response.writeHead(429, { "retry-after": "1" }).end("full");
        const body: Buffer[] = [];
        for await (const piece of request) body.push(piece);
        const headers = { "content-type": String(request.headers["content-type"]) };
        response.end((await ask(url, { headers, body: Buffer.concat(body) })).body);
      });
      const { exitCode, stdout } = await call(full, look);
      expect({ exitCode, asked }).toEqual({ exitCode: 0, asked: 2 });
      expect(stdout).toMatch(/^1\t/);
    });

    it("says what else answered, in its own words", async () => {
      const proxy = await serveOther((_request, response) => void response.writeHead(502).end("<h1>Bad gateway</h1>"));
      const stranger = await serveOther((_request, response) => void response.end("{}"));
      expect((await call(proxy, look)).stderr).toBe("recommend: the answer was 502: <h1>Bad gateway</h1>\n");
      expect((await call(stranger, look)).stderr).toMatch(/^recommend: .* is this a StyGig server\?\n$/);
    });
  });
}

declareCaller(process.execPath, "examples/recommend.js");
const python = spawnSync("python3", ["--version"]).status === 0 ? null : "python3 is not installed";

unlessSkipped("examples/recommend.py", python, () => declareCaller("python3", "examples/recommend.py"));

describe("examples/batch.jsonl", () => {
  it("is answered line by line, the last one with an error of its own", async () => {
    const batch = readProjectFile("examples/batch.jsonl");
    const answer = await ask(url, { headers: lines, body: batch });
    expect(answer.status).toBe(200);
    const rows = answer.body
      .toString()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toHaveLength(batch.trimEnd().split("\n").length);
    expect(rows.slice(0, -1).map(({ mode }) => mode)).toEqual(["outfit", "outfit", "outfit", "similar"]);
    expect(rows.at(-1)).toMatchObject({ error: { code: "item_unknown" } });
  });
});

unlessSkipped("examples/make_batch.py", python, () => {
  describe("examples/make_batch.py", () => {
    it("writes a line for each picture, and its name beside", async () => {
      const photos = await aFolder();
      await mkdir(join(photos, "red"));
      await writeFile(join(photos, "red/b.PNG"), picture);
      await writeFile(join(photos, "a.png"), tinyPicture([30, 40, 200]));
      await writeFile(join(photos, "notes.txt"), "no picture");
      const { exitCode, stdout, stderr } = await run("python3", ["examples/make_batch.py", photos]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "a.png\nred/b.PNG\n" });
      const answer = await ask(url, { headers: lines, body: stdout });
      const rows = answer.body.toString().split("\n");
      expect(rows.map((row) => JSON.parse(row).mode)).toEqual(["outfit", "outfit"]);
    });

    it.each<readonly [string, () => Promise<readonly string[]>, number]>([
      ["without a folder", async () => [], 2],
      ["of a folder without pictures", async () => [await aFolder()], 1],
    ])("says in one line what is amiss %s", async (_name, args, expected) => {
      const { exitCode, stdout, stderr } = await run("python3", ["examples/make_batch.py", ...(await args())]);
      expect({ exitCode, stdout }).toEqual({ exitCode: expected, stdout: "" });
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    });
  });
});

const curl = spawnSync("curl", ["--version"]).status === 0 ? null : "curl is not installed";

unlessSkipped("the commands of the pages", python ?? curl, () => {
  describe("every command of a page", () => {
    /** Of its shell blocks, one each, those of several lines put together. */
    const commandsOf = (page: string) =>
      [...readProjectFile(page).matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
        block!.replaceAll("\\\n", " ").trimEnd().split("\n"),
      );

    it.each(["examples/README.md", "docs/api.md"])("of %s does what it says", async (page) => {
      const place = await aFolder();
      await symlink(join(projectFolder, "examples"), join(place, "examples"));
      await mkdir(join(place, "photos"));
      for (const name of ["look.jpg", "photos/look.jpg"]) await writeFile(join(place, name), picture);
      const commands = commandsOf(page);
      expect(commands.length).toBeGreaterThan(0);
      for (const command of commands) {
        const line = command.replaceAll("http://localhost:8080", url).replace(/^curl /, "curl -sS --fail ");
        const { exitCode } = await run("sh", ["-c", line], place);
        expect({ command, exitCode }).toEqual({ command, exitCode: 0 });
      }
    });
  });
});
