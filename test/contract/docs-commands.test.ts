import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import type * as v4Source from "../../src/cli/deploy-v4.js";
import type * as programSource from "../../src/cli/program.js";
import { projectFolder, readProjectFile } from "../support/project-files.js";

// A command that a page shows exists, and takes every flag that it is shown with.

// The command reads its version from the place where it is installed, beside its compiled code.
const compiled = (name: string) => new URL(`../../dist/src/cli/${name}.js`, import.meta.url).href;
const { createProgram } = (await import(compiled("program"))) as typeof programSource;
const { createV4Deploy } = (await import(compiled("deploy-v4"))) as typeof v4Source;

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(projectFolder, "docs")).map((name) => `docs/${name}`),
].filter((page) => page.endsWith(".md"));
const scripts: Readonly<Record<string, string>> = JSON.parse(readProjectFile("package.json")).scripts;

type Shown = Readonly<{ page: string; words: readonly string[] }>;

/** Every line of a shell block, and every `code` in a text, that begins with one of our commands. */
function findShown(page: string): readonly Shown[] {
  const text = readProjectFile(page);
  const blocks = [...text.matchAll(/^```(?:sh|bash)\n([\s\S]*?)^```/gm)].map(([, block]) =>
    block!.replaceAll("\\\n", " "),
  );
  const inline = [...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
  return [...blocks.flatMap((block) => block.split("\n")), ...inline].flatMap((line) =>
    line
      .replace(/\s#.*$/, "")
      .split(/&&|\||;/)
      .map((part) =>
        part
          .trim()
          .split(/\s+/)
          .filter((word) => !/^[A-Z_]+=/.test(word)),
      )
      .filter(([first = ""]) => /^(?:bin\/)?(?:stygig|deploy_sync|deploy_async)$|^npm$/.test(first))
      .map((words) => ({ page, words })),
  );
}

const shown = pages.flatMap(findShown);
const stygig = await createProgram();

/** What is wrong with a command line, or null. Words in capitals stand for what the reader has. */
function findFault([first = "", ...rest]: readonly string[]): string | null {
  if (first === "npm") return findScriptFault(rest);
  const name = first.replace(/^bin\//, "");
  let command: Command = name === "stygig" ? stygig : createV4Deploy(name === "deploy_sync" ? "sync" : "async", {});
  const words = [...rest];
  while (words[0] !== undefined && /^[a-z]/.test(words[0])) {
    const next = command.commands.find((each) => each.name() === words[0]);
    if (next === undefined) break;
    command = next;
    words.shift();
  }
  if (command.commands.length > 0 && words.length > 0 && /^[a-z]/.test(words[0]!)) return `there is no ${words[0]}`;
  const known = new Set([...command.options.flatMap(({ long, short }) => [long, short]), "--help", "--version"]);
  const flags = words.filter((word) => word.startsWith("-")).map((word) => word.replace(/[=,.:;)]+.*$/, ""));
  const unknown = flags.find((flag) => flag !== "-" && !known.has(flag));
  return unknown === undefined ? null : `${command.name()} takes no ${unknown}`;
}

function findScriptFault(words: readonly string[]): string | null {
  const isRun = words[0] === "run";
  const name = isRun ? words.find((word, at) => at > 0 && !word.startsWith("-")) : words[0];
  const own = ["ci", "install", "rm", "outdated", "view"];
  if (name === undefined || (!isRun && own.includes(name))) return null;
  return Object.hasOwn(scripts, name) ? null : `there is no script ${name}`;
}

describe("every command that a page shows", () => {
  it("is held against what there is", () => {
    expect(findFault(["stygig", "catalog", "build", "--images", "photos"])).toBeNull();
    expect(findFault(["stygig", "catalog", "build", "--pictures", "photos"])).toBe("build takes no --pictures");
    expect(findFault(["bin/stygig", "catalogue"])).toBe("there is no catalogue");
    expect(findFault(["deploy_sync", "--endpoint-name", "look", "--fast"])).toBe("deploy_sync takes no --fast");
    expect(findFault(["npm", "run", "nothing"])).toBe("there is no script nothing");
  });

  it("is found in several pages", () => {
    expect(new Set(shown.map(({ page }) => page)).size).toBeGreaterThan(5);
    expect(shown.length).toBeGreaterThan(80);
  });

  it.each(pages)("exists, with its flags: %s", (page) => {
    const faults = shown
      .filter((each) => each.page === page)
      .flatMap(({ words }) => {
        const fault = findFault(words);
        return fault === null ? [] : [`${words.join(" ")}: ${fault}`];
      });
    expect(faults).toEqual([]);
  });
});
