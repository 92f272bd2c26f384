import { spawnSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { aFolder } from "../support/a-folder.js";
import { projectFolder } from "../support/project-files.js";

/** A project of somebody else's that has this one installed; `npm run build` has made the client's types. */
async function aConsumer(file: string, source: string): Promise<string> {
  const folder = await aFolder();
  await mkdir(join(folder, "node_modules/@types"), { recursive: true });
  await symlink(projectFolder, join(folder, "node_modules/stygig"));
  await symlink(join(projectFolder, "node_modules/@types/node"), join(folder, "node_modules/@types/node"));
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, file), source);
  return folder;
}

async function compile(source: string): Promise<readonly string[]> {
  const folder = await aConsumer("consumer.ts", source);
  const program = ts.createProgram([join(folder, "consumer.ts")], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [join(folder, "node_modules/@types")],
  });
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

const use = `import { createUrlClient, InvokeError, type Reply } from "stygig/client";
const client = createUrlClient({ url: "http://localhost:1" });
const reply: Reply = await client.invoke({ item_id: "x", top_k: 3, profile: "v4" });
`;

describe("the package's client", () => {
  it("loads nothing of AWS before an endpoint is asked for", async () => {
    const script = `import { createUrlClient } from "stygig/client";
createUrlClient({ url: "http://localhost:1" }).close();
console.log(typeof createUrlClient);
`;
    const folder = await aConsumer("consumer.js", script);
    const { status, stdout, stderr } = spawnSync(process.execPath, ["consumer.js"], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH ?? "", NODE_DEBUG: "esm" },
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "function\n" });
    expect(stderr).toContain("dist/client/client.js");
    expect(stderr).not.toContain("@aws-sdk");
  });

  it("knows what the service answers and takes", async () => {
    expect(
      await compile(`${use}
const score: number | null = reply.recommendations[0]!.color_score;
const category: string | null | undefined = reply.category_vote?.category;
try { void score; void category; } catch (error) { if (error instanceof InvokeError) console.log(error.code, error.status); }
`),
    ).toEqual([]);
  });

  it.each([
    ["const wrong: string = reply.total_candidates; void wrong;", "'number' is not assignable to type 'string'"],
    ["void reply.no_such_field;", "no_such_field"],
    ['await client.invoke({ item_id: "x", profile: "v6" });', "v6"],
  ])("notices what it does not: %s", async (line, complaint) => {
    expect((await compile(`${use}${line}`)).join("\n")).toContain(complaint);
  });
});
