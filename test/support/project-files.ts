import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** The repository's top folder, absolute; right for this file's source and for its compiled form. */
export const projectFolder: string = [new URL("../..", import.meta.url), new URL("../../..", import.meta.url)]
  .map((url) => fileURLToPath(url))
  .find((folder) => existsSync(join(folder, "package.json")))!;

/** Every TypeScript file below a folder of the project, as sorted paths relative to it; none where it does not exist. */
export function typeScriptFiles(folder: string): readonly string[] {
  const absolute = join(projectFolder, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, encoding: "utf8" })
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .filter((name) => name.endsWith(".ts"))
    .sort();
}

/** A text file of the project. */
export function readProjectFile(path: string): string {
  return readFileSync(join(projectFolder, path), "utf8");
}

const parsed = new Map<string, ts.SourceFile>();

/** A file as the compiler reads it, every node knowing its parent. */
export function parseTypeScript(path: string): ts.SourceFile {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(path, readProjectFile(path), ts.ScriptTarget.Latest, true);
  parsed.set(path, source);
  return source;
}

/** A node and everything inside it, outermost first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  const inside: ts.Node[] = [];
  ts.forEachChild(node, (child) => void inside.push(child));
  for (const child of inside) yield* nodesOf(child);
}
