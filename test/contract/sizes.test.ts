import ts from "typescript";
import { expect, test } from "vitest";
import { nodesOf, parseTypeScript, readProjectFile, typeScriptFiles } from "../support/project-files.js";

// Where to stop; CONTRIBUTING.md says where to look again.
const maxFileLines = 300;
const maxTestFileLines = 500;
const maxFunctionLines = 60;
const maxExports = 8;

/** A file format is one thing: its names, its limits and its parser stay together. */
const formatFiles: readonly string[] = ["src/domain/artifact.ts"];

/** Tables of data are read line by line and never branch: they may grow. */
const dataFiles: readonly string[] = [];

const folders = ["src", "catalog", "models", "native", "deploy", "client", "page"];
const files = folders.flatMap(typeScriptFiles).filter((file) => !dataFiles.includes(file));
const testFiles = typeScriptFiles("test");

function linesOf(file: string): number {
  return readProjectFile(file).trimEnd().split("\n").length;
}

function tooLong(paths: readonly string[], most: number): readonly string[] {
  return paths
    .map((path) => ({ path, lines: linesOf(path) }))
    .flatMap(({ path, lines }) => (lines > most ? [`${path}: ${lines} lines`] : []));
}

type Measured = Readonly<{ place: string; lines: number }>;

/** Every function with a body; a function inside another counts on its own and as part of the outer one. */
function functionsOf(file: string): readonly Measured[] {
  const source = parseTypeScript(file);
  const lineAt = (position: number) => source.getLineAndCharacterOfPosition(position).line + 1;
  return [...nodesOf(source)].filter(ts.isFunctionLike).flatMap((node) => {
    if (!("body" in node) || node.body === undefined) return [];
    const first = lineAt(node.getStart(source));
    return [{ place: `${file}:${first}`, lines: lineAt(node.end) - first + 1 }];
  });
}

/** What a file offers at run time; the types of it say no more than its functions do. */
function countExports(file: string): number {
  return parseTypeScript(file).statements.reduce((count, statement) => {
    if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return count;
    if (ts.isExportDeclaration(statement)) return count + countReexports(statement);
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    if (!modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return count;
    return count + (ts.isVariableStatement(statement) ? statement.declarationList.declarations.length : 1);
  }, 0);
}

function countReexports({ isTypeOnly, exportClause }: ts.ExportDeclaration): number {
  if (isTypeOnly) return 0;
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) return 1;
  return exportClause.elements.filter((element) => !element.isTypeOnly).length;
}

test("no source file is longer than 300 lines", () => {
  const largest = files.map((file) => ({ file, lines: linesOf(file) })).sort((a, b) => b.lines - a.lines);
  console.log("The five largest files:");
  for (const { file, lines } of largest.slice(0, 5)) console.log(`  ${lines} ${file}`);
  expect(tooLong(files, maxFileLines)).toEqual([]);
});

test("no test file is longer than 500 lines", () => {
  expect(tooLong(testFiles, maxTestFileLines)).toEqual([]);
});

test("no function is longer than 60 lines", () => {
  const long = files.flatMap(functionsOf).filter(({ lines }) => lines > maxFunctionLines);
  expect(long.map(({ place, lines }) => `${place}: ${lines} lines`)).toEqual([]);
});

test("no file exports more than 8 functions and values", () => {
  const counted = files
    .filter((file) => !formatFiles.includes(file))
    .map((file) => ({ file, exports: countExports(file) }));
  expect(
    counted.filter(({ exports }) => exports > maxExports).map(({ file, exports }) => `${file}: ${exports}`),
  ).toEqual([]);
});
