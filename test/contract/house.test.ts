import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { nodesOf, parseTypeScript, projectFolder, readProjectFile, typeScriptFiles } from "../support/project-files.js";

function git(...parameters: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", parameters, { cwd: projectFolder, encoding: "utf8" });
  if (status !== 0) throw new Error(`git ${parameters.join(" ")}: ${stderr}`);
  return stdout;
}

const isClone = spawnSync("git", ["rev-parse", "--git-dir"], { cwd: projectFolder }).status === 0;

describe("tests", () => {
  /** `it.only(...)`, `describe.skip(...)`, `it.skip.each(...)`: each with the call it belongs to. */
  function marked(file: string): readonly ts.CallExpression[] {
    return [...nodesOf(parseTypeScript(file))].filter(
      (node): node is ts.CallExpression =>
        ts.isCallExpression(node) &&
        /^(it|test|describe|suite)\b.*\.(only|skip|todo|fails)\b/.test(node.expression.getText()),
    );
  }

  const calls = typeScriptFiles("test").flatMap((file) => marked(file).map((call) => ({ file, call })));
  const placeOf = ({ file, call }: (typeof calls)[number]) => `${file}: ${call.getText().slice(0, 60)}`;

  test("run all of them: none is picked out", () => {
    expect(calls.filter(({ call }) => /\.only\b/.test(call.expression.getText())).map(placeOf)).toEqual([]);
  });

  test("that are skipped say so by name", () => {
    const nameless = calls.filter(({ call }) => {
      const name = call.arguments[0];
      return name === undefined || (ts.isStringLiteralLike(name) && name.text.trim() === "") || ts.isFunctionLike(name);
    });
    expect(nameless.map(placeOf)).toEqual([]);
  });

  test("that skip themselves give the reason", () => {
    const silent = typeScriptFiles("test").filter((file) =>
      [...nodesOf(parseTypeScript(file))].some(
        (node) =>
          ts.isCallExpression(node) &&
          /^(context|ctx|task)\.skip$/.test(node.expression.getText()) &&
          node.arguments.length === 0,
      ),
    );
    expect(silent).toEqual([]);
  });
});

describe.skipIf(!isClone)(`files in git${isClone ? "" : " (skipped: this is not a clone)"}`, () => {
  test("name no folder of somebody's machine", () => {
    // Put together here, so that this file does not find itself.
    const roots = ["home", "Users", "root", "work", "mnt"].map((name) => `/${name}/`);
    const pattern = new RegExp(`(?<![\\w.)}~-])(${[...roots, projectFolder].join("|")})`);
    const texts = git("ls-files", "-z")
      .split("\0")
      .filter(
        (file) =>
          /(^|\/)[^.]+$|\.([cm]?[jt]s|json|md|py|cc|h|ya?ml|html|css|txt)$/.test(file) && file !== "package-lock.json",
      );
    const found = texts.flatMap((file) =>
      readProjectFile(file)
        .split("\n")
        .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 100)}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test("that are commands are executable", () => {
    const { bin }: Readonly<{ bin: Readonly<Record<string, string>> }> = JSON.parse(readProjectFile("package.json"));
    const commands = [...Object.values(bin), ".ci/run"];
    const modes = git("ls-files", "--stage", ...commands)
      .trim()
      .split("\n");
    expect(modes.map((line) => line.slice(0, 6))).toEqual(commands.map(() => "100755"));
    for (const command of commands) expect(statSync(join(projectFolder, command)).mode & 0o111).toBe(0o111);
  });

  test("hold no build output and no installed package", () => {
    const outputs = git("ls-files")
      .split("\n")
      .filter((file) => /^(dist|coverage|\.demo)\/|(^|\/)(node_modules|build)\//.test(file));
    expect(outputs).toEqual([]);
  });
});

describe("packages", () => {
  type Dependencies = Readonly<Record<string, string>>;
  type Locked = Readonly<{ version: string; resolved?: string; optionalDependencies?: Dependencies }>;
  const manifest: Readonly<{ dependencies: Dependencies; devDependencies: Dependencies }> = JSON.parse(
    readProjectFile("package.json"),
  );
  const { packages }: Readonly<{ packages: Readonly<Record<string, Locked>> }> = JSON.parse(
    readProjectFile("package-lock.json"),
  );

  test("are pinned to exact versions", () => {
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(wanted.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test("are locked without the address of anybody's registry", () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test("are locked for every platform: `npm ci` refuses a lock file that lacks one", () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => {
        return packages[`${path}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined;
      }),
    );
    expect(missing).toEqual([]);
  });
});
