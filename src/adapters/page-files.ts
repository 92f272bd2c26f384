import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PageFile } from "../domain/page-file.js";

/** What the build puts beside the compiled server. */
const pageFolder = fileURLToPath(new URL("../../page", import.meta.url));

const contentTypes: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The page's files, small enough to be kept. @throws Error with one line when the build did not make them */
export async function readPageFiles(folder: string = pageFolder): Promise<readonly PageFile[]> {
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`the page cannot be served: ${folder} cannot be read (${error.code})`, { cause: error });
  });
  const files = await Promise.all(names.map((name) => readPageFile(folder, name.replaceAll("\\", "/"))));
  const known = files.filter((file) => file !== null);
  if (known.some(({ name }) => name === "page.html")) return known;
  throw new Error(`the page cannot be served: ${folder} has no page.html; \`npm run build\` makes it`);
}

async function readPageFile(folder: string, name: string): Promise<PageFile | null> {
  const contentType = contentTypes[name.split(".").at(-1) ?? ""];
  if (contentType === undefined) return null;
  const bytes = await readFile(join(folder, name));
  return { name, contentType, bytes, digest: createHash("sha256").update(bytes).digest("hex") };
}
