import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { nodesOf, parseTypeScript, projectFolder, readProjectFile, typeScriptFiles } from "../support/project-files.js";

// Every check of the container has its tests, and docs/conformance.md says which.

const page = "docs/conformance.md";
const allChecks = Array.from({ length: 25 }, (_, at) => at + 1);
const containerChecks = allChecks.slice(0, 17);
const files = typeScriptFiles("test/integration").filter((file) => /\/contract-[a-z-]+\.test\.ts$/.test(file));

/** What a file calls its tests: the first text that `it`, `it.each(...)` and `ownCheck` are given. */
function testNames(file: string): readonly string[] {
  return [...nodesOf(parseTypeScript(file))].flatMap((node) => {
    if (!ts.isCallExpression(node) || !/^(it|it\.each\(.*\)|ownCheck)$/s.test(node.expression.getText())) return [];
    const [name] = node.arguments;
    return name !== undefined && (ts.isStringLiteralLike(name) || ts.isTemplateExpression(name))
      ? [name.getText().slice(1, -1)]
      : [];
  });
}

const checkOf = (name: string): number => Number(/^check (\d+): ./.exec(name)?.[1] ?? Number.NaN);
const checksIn = new Map(files.map((file) => [file, new Set(testNames(file).map(checkOf))]));

type Row = Readonly<{ check: number; tests: string; links: readonly string[] }>;
const rows: readonly Row[] = [...readProjectFile(page).matchAll(/^\| (\d+) \|[^|]*\|([^|]*)\|[^|]*\|$/gm)].map(
  ([, check, tests]) => ({
    check: Number(check),
    tests: tests!.trim(),
    links: [...tests!.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path]) => path!),
  }),
);

describe("the container's checks", () => {
  test("give every test of theirs a number", () => {
    expect(files.length).toBeGreaterThan(0);
    for (const file of files)
      expect(
        testNames(file).filter((name) => Number.isNaN(checkOf(name))),
        file,
      ).toEqual([]);
  });

  test("all have tests, and no other number does", () => {
    const tested = new Set([...checksIn.values()].flatMap((checks) => [...checks]));
    expect([...tested].sort((one, other) => one - other)).toEqual(containerChecks);
  });
});

describe(page, () => {
  test("has one row for each check, in their order", () => {
    expect(rows.map(({ check }) => check)).toEqual(allChecks);
  });

  test.each(containerChecks)("names the files that test check %i, and no others", (check) => {
    const inCode = files.filter((file) => checksIn.get(file)!.has(check));
    expect(rows.find((row) => row.check === check)!.links).toEqual(inCode);
  });

  test("says of all others that they are tested elsewhere", () => {
    const others = rows.filter(({ check }) => !containerChecks.includes(check));
    expect(others.filter(({ tests }) => !tests.startsWith("elsewhere")).map(({ check }) => check)).toEqual([]);
  });

  test("leads to files that exist", () => {
    const links = rows.flatMap((row) => row.links);
    expect(links.filter((link) => !existsSync(join(projectFolder, link)))).toEqual([]);
  });
});
