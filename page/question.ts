import type { Garment, Options, Profile } from "./state.js";

/** One `POST /invocations`, but for a file's bytes. */
export type Question = Readonly<{ headers: Readonly<Record<string, string>>; json: string | null }>;

/** The question for one profile: a catalog item goes as JSON, a file as it is with its options in the platform's header. */
export function toQuestion(garment: Garment, options: Options, profile: Profile): Question {
  const wanted = toOptions(options, profile);
  if (garment.kind === "item") {
    const body = { item_id: garment.item.item_id, ...wanted };
    return { headers: { "content-type": "application/json" }, json: JSON.stringify(body) };
  }
  const pairs = Object.entries(wanted).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  // A file that the system has no name for is looked at by its bytes.
  const type = garment.type === "" ? "application/octet-stream" : garment.type;
  return {
    headers: { "content-type": type, "x-amzn-sagemaker-custom-attributes": pairs.join(",") },
    json: null,
  };
}

function toOptions({ gender, category, perCategory }: Options, profile: Profile) {
  return {
    ...{ profile, explain: true },
    ...(gender === "" ? {} : { gender }),
    ...(category === "" ? {} : { category }),
    ...(perCategory === 1 ? {} : { items_per_category: perCategory }),
  };
}

/** As a shell command for whoever has the file in the current folder. */
export function toCurl(garment: Garment, question: Question, origin: string): string {
  const headers = Object.entries(question.headers).map(([name, value]) => `  -H ${quote(`${name}: ${value}`)} \\\n`);
  const data = question.json === null ? `--data-binary @${quote(fileName(garment))}` : `-d ${quote(question.json)}`;
  return `curl ${quote(`${origin}/invocations`)} \\\n${headers.join("")}  ${data}`;
}

/** As a module for Node or a browser. */
export function toCode(garment: Garment, question: Question, origin: string): string {
  const isFile = question.json === null;
  const body = isFile ? `await readFile(${JSON.stringify(fileName(garment))})` : `JSON.stringify(${question.json})`;
  return [
    ...(isFile ? ['import { readFile } from "node:fs/promises";', ""] : []),
    `const response = await fetch(${JSON.stringify(`${origin}/invocations`)}, {`,
    '  method: "POST",',
    `  headers: ${JSON.stringify(question.headers, null, 2).replaceAll("\n", "\n  ")},`,
    `  body: ${body},`,
    "});",
    "const { recommendations } = await response.json();",
    "for (const { category, title, score } of recommendations) console.log(score, category, title);",
  ].join("\n");
}

function fileName(garment: Garment): string {
  return garment.kind === "file" ? garment.name : "";
}

/** For a POSIX shell: nothing inside single quotes means anything but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
