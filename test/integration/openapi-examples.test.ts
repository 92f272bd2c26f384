import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { pictureFile } from "../../src/http/docs-page-command.js";
import { toOpenApiDocument } from "../../src/http/openapi-document.js";
import type { Example, OpenApiDocument } from "../../src/http/openapi-operation.js";
import {
  configSchema,
  executionParametersSchema,
  gpuStatsSchema,
  healthSchema,
  reloadSchema,
} from "../../src/http/status-schemas.js";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "../support/a-folder.js";
import { captureLog } from "../support/captured-log.js";
import { serve } from "../support/compiled-main.js";
import { provocations, provoke } from "../support/contract-provocations.js";
import { ask } from "../support/contract-request.js";
import { writeExampleArtifact } from "../support/example-artifact.js";
import { createOpenApiValidator, type OpenApiValidator, operationsOf } from "../support/openapi-validator.js";
import { readProjectFile } from "../support/project-files.js";
import { unlessSkipped } from "../support/skip-by-name.js";

// Everything is taken from the document that the server itself hands out, and sent as it stands there. Which operations and
// examples there are is known before a server runs, so that each has a test of its own name.

const run = promisify(execFile);
const { version }: Readonly<{ version: string }> = JSON.parse(readProjectFile("package.json"));
const operations = operationsOf(toOpenApiDocument(version));

let server: RunningServer;
let document: OpenApiDocument;
let validator: OpenApiValidator;
let folder = "";

beforeAll(async () => {
  folder = await aFolder();
  const env = { PORT: "0", STYGIG_ADMIN_PORT: "0", STYGIG_ENCODER_WORKERS: "1", INDEX: "exact" };
  server = await serve({ artifactFolder: await writeExampleArtifact(folder), log: captureLog().log, env });
  await server.ready;
  document = JSON.parse((await ask(`http://127.0.0.1:${server.port}`, { path: "/openapi.json" })).body.toString());
  validator = createOpenApiValidator(document);
});
afterAll(() => server.stop());

/** Where an operation is asked: the operator's have a listener of their own. */
function urlOf(path: string): string {
  return `http://127.0.0.1:${path.startsWith("/admin/") ? server.adminPort : server.port}`;
}

/** Fails unless the operation may answer so, and gives the answer's text. */
function expectTold(pointer: string, answer: Awaited<ReturnType<typeof ask>>): string {
  const contentType = (answer.headers["content-type"] ?? "").split(";")[0]!;
  const text = answer.body.toString();
  const at = `${pointer}/responses/${answer.status}`;
  expect(validator.complaintsOfBody(at, contentType, text)).toEqual([]);
  return text;
}

describe("the routes", () => {
  it("hand out the document that `stygig openapi` prints", () => {
    expect(document).toEqual(JSON.parse(readProjectFile("docs/openapi.json")));
  });

  it.each(["/openapi.json", "/docs"])("%s comes whole, with its length, again and again", async (path) => {
    const [first, second] = [await ask(urlOf(path), { path }), await ask(urlOf(path), { path })];
    expect(first.status).toBe(200);
    expect(first.headers["content-length"]).toBe(String(first.body.length));
    expect(first.body.equals(second.body)).toBe(true);
    const head = await ask(urlOf(path), { path, method: "HEAD" });
    expect(head.headers["content-length"]).toBe(first.headers["content-length"]);
    expect((await ask(urlOf(path), { path, method: "POST", body: "" })).status).toBe(405);
  });

  it("give the page a policy of its own, and no more headers than the platform takes", async () => {
    const { headers, headerBytes } = await ask(urlOf("/docs"), { path: "/docs" });
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; img-src data:; style-src 'sha256-/);
    expect(headerBytes).toBeLessThanOrEqual(4096);
  });
});

/** The schemas behind the document, which take no field that they do not name. */
const closedSchemas: Readonly<Record<string, z.ZodType>> = {
  "/health": healthSchema,
  "/gpu/stats": gpuStatsSchema,
  "/execution-parameters": executionParametersSchema,
  "/admin/reload": reloadSchema,
  "/admin/config": configSchema,
};

describe("an operation without a body", () => {
  const plain = operations.filter(({ operation }) => operation.requestBody === undefined);

  it.each(plain.map((each) => [`${each.method.toUpperCase()} ${each.path}`, each] as const))(
    "%s answers as the document says",
    async (_name, { path, method, pointer, operation }) => {
      const answer = await ask(urlOf(path), { path, method: method.toUpperCase() });
      expect(answer.status).toBe(200);
      const { content } = operation.responses["200"]!;
      if (content === undefined) return expect(answer.body.length).toBe(0);
      const text = expectTold(pointer, answer);
      // The document bears fields that come later; here none goes without a word.
      expect(closedSchemas[path]?.safeParse(JSON.parse(text)).error).toBeUndefined();
    },
  );
});

const [recommend] = operations.filter(({ operation }) => operation.requestBody !== undefined);
const { content } = recommend!.operation.requestBody!;
const asked = Object.entries(content).flatMap(([type, { examples = {} }]) =>
  Object.entries(examples).map(([name, example]) => [name, type, example] as const),
);

/** The examples of this name among the answers, each with the status and type under which it stands. */
function answersNamed(name: string) {
  return Object.entries(recommend!.operation.responses).flatMap(([status, { content: its = {} }]) =>
    Object.entries(its).flatMap(([type, { examples = {} }]) =>
      examples[name] === undefined ? [] : [{ status: Number(status), type, example: examples[name] }],
    ),
  );
}

function bytesOf(example: Example): Uint8Array {
  if ("externalValue" in example) return Buffer.from(example.externalValue.split(",")[1]!, "base64");
  return Buffer.from(typeof example.value === "string" ? example.value : JSON.stringify(example.value));
}

/** The names of all fields, at any depth; of a list those of its first entry. */
function fieldsOf(value: unknown, prefix = ""): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : fieldsOf(value[0], `${prefix}[]`);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [`${prefix}.${key}`, ...fieldsOf(each, `${prefix}.${key}`)]);
}

/** What the shop says is the sample catalog's; the tiny artifact has no shop. */
const isShopWord = (field: string) => /\.(title|price|url|image_url)$/.test(field);

describe("an example", () => {
  it("of an answer belongs to one of a request", () => {
    const names = Object.values(recommend!.operation.responses).flatMap(({ content: its = {} }) =>
      Object.values(its).flatMap(({ examples = {} }) => Object.keys(examples)),
    );
    expect([...names].sort()).toEqual(asked.map(([name]) => name).sort());
  });

  it.each(asked)("%s (%s) is answered as the document shows", async (name, type, example) => {
    const { pointer, operation, path } = recommend!;
    const text = bytesOf(example).toString();
    if ("value" in example) {
      expect(validator.complaintsOfBody(`${pointer}/requestBody`, type, text)).toEqual([]);
    }
    const headers = Object.fromEntries(
      operation.parameters!.flatMap((parameter) => {
        const its = parameter.examples?.[name];
        return its !== undefined && "value" in its ? [[parameter.name, String(its.value)]] : [];
      }),
    );
    const answer = await ask(urlOf(path), { headers: { "content-type": type, ...headers }, body: bytesOf(example) });
    const [shown, ...others] = answersNamed(name);
    expect(others).toEqual([]);
    expect({ status: answer.status, type: answer.headers["content-type"] }).toEqual({
      status: shown!.status,
      type: shown!.type,
    });
    const body = expectTold(pointer, answer);
    const value = (shown!.example as { value: unknown }).value;
    if (shown!.status !== 200) expect(JSON.parse(body)).toEqual(value);
    const lines = (from: string) => from.split("\n").map((line) => JSON.parse(line) as unknown);
    const [real, told] = typeof value === "string" ? [lines(body), lines(value)] : [[JSON.parse(body)], [value]];
    expect(told.length).toBe(real.length);
    for (const [at, each] of real.entries()) {
      const fields = fieldsOf(told[at]).filter((field) => !isShopWord(field));
      expect(fields.sort()).toEqual([...fieldsOf(each)].sort());
    }
  });
});

describe("a failure", () => {
  it("of any kind that can be provoked is one that the document tells, in its shape", async () => {
    const pathOf = (name: string) => provocations.find((each) => each.name === name)?.question.path ?? "/invocations";
    const provoked = await provoke(urlOf("/invocations"));
    const told = provoked.filter(({ name }) => pathOf(name) === "/invocations" && name !== "another method");
    expect(told.length).toBeGreaterThan(15);
    for (const { answer } of told) expectTold(recommend!.pointer, answer);
    for (const { answer } of provoked.filter((each) => !told.includes(each))) {
      expect(validator.complaintsAt("/components/schemas/Error", JSON.parse(answer.body.toString()))).toEqual([]);
    }
  });
});

const curl = spawnSync("curl", ["--version"], { encoding: "utf8" }).status;

unlessSkipped("the page's commands", curl === 0 ? null : "curl is not installed", () => {
  describe("a command on the page", () => {
    const unescaped = (html: string) =>
      html
        .replaceAll("&lt;", "<")
        .replaceAll("&gt;", ">")
        .replaceAll("&quot;", '"')
        .replaceAll("&#39;", "'")
        .replaceAll("&amp;", "&");

    it("does in a shell what stands below it", async () => {
      const page = (await ask(urlOf("/docs"), { path: "/docs" })).body.toString();
      await writeFile(join(folder, pictureFile), bytesOf(asked.find(([name]) => name === "picture")![2]));
      const commands = [...page.matchAll(/<pre class="command"[^>]*><code>(.*?)<\/code><\/pre>/gs)];
      expect(commands.length).toBe(asked.length + operations.length - 1);
      for (const [whole, html] of commands) {
        const command = unescaped(html!)
          .replace("http://localhost:8080", urlOf("/"))
          .replace("http://127.0.0.1:8081", urlOf("/admin/"));
        const before = page.slice(0, page.indexOf(whole)).split("<summary>").at(-1)!;
        const shown = /<span class="status s\d">(\d+)<\/span><\/summary>\s*$/.exec(before)?.[1] ?? "200";
        // The server is in this very process: whoever waits for the command must not keep it from answering.
        const { stdout, stderr } = await run("sh", ["-c", `${command} -s -o answer -w '%{http_code}'`], {
          cwd: folder,
        });
        expect({ command, status: stdout, stderr }).toEqual({ command, status: shown, stderr: "" });
      }
    });
  });
});
