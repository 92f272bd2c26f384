import { expect, test } from "vitest";
import type * as programSource from "../../src/cli/program.js";
import { type Setting, settings } from "../../src/config.js";
import { errorCatalog } from "../../src/domain/errors.js";
import { type MetricName, metricCatalog } from "../../src/serving/metrics.js";
import { readProjectFile } from "../support/project-files.js";
import { routesIn } from "../support/route-table.js";

// The command reads its version from the place where it is installed, beside its compiled code.
const compiled = new URL("../../dist/src/cli/program.js", import.meta.url);
const { createProgram } = (await import(compiled.href)) as typeof programSource;

type Row = readonly string[];

/** The rows of the first table below a heading of the README, cell by cell, without its head. */
function tableBelow(heading: string): readonly Row[] {
  const lines = readProjectFile("README.md").split("\n");
  const start = lines.indexOf(`### ${heading}`);
  if (start === -1) throw new Error(`README.md has no heading "### ${heading}"`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith("|"));
  const after = lines.findIndex((line, index) => index > first && !line.startsWith("|"));
  const cells = (line: string) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
  return lines.slice(first + 2, after === -1 ? undefined : after).map(cells);
}

/** The words in backticks of a row's first cell. */
function namesIn([first = ""]: Row): readonly string[] {
  return [...first.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
}

/** The table's names, none of them twice, and the code's: the same, whichever way one looks. */
function expectSameNames(rows: readonly Row[], inCode: readonly string[]): void {
  expect(rows.flatMap(namesIn).sort()).toEqual([...inCode].sort());
}

test("the README lists every error code with what it means, and no other", () => {
  const rows = tableBelow("Errors");
  expectSameNames(rows, Object.keys(errorCatalog));
  for (const row of rows) {
    const { status, retryable, message } = errorCatalog[namesIn(row)[0] as keyof typeof errorCatalog];
    expect(row.slice(1)).toEqual([String(status), retryable ? "yes" : "no", message]);
  }
});

test("the README lists every variable with its default and unit, and no other", () => {
  const rows = tableBelow("Variables");
  const table: readonly Setting<unknown>[] = Object.values(settings);
  expectSameNames(
    rows,
    table.flatMap(({ variables }) => variables),
  );
  for (const { variables, usual, unit, help } of table) {
    const row = rows.find((each) => namesIn(each).includes(variables[0]));
    expect(row).toEqual([
      variables.map((name) => `\`${name}\``).join(", "),
      usual === null ? "" : `\`${usual}\``,
      unit === null ? help : `${help} (${unit})`,
    ]);
  }
});

test("the README lists every metric with its kind, labels and meaning, and no other", () => {
  const rows = tableBelow("Metrics");
  expectSameNames(rows, Object.keys(metricCatalog));
  for (const row of rows) {
    const { kind, labels, help } = metricCatalog[namesIn(row)[0] as MetricName];
    expect(row.slice(1)).toEqual([kind, labels.map((label) => `\`${label}\``).join(", "), help]);
  }
});

test("the README lists every route, and no other", () => {
  const routes = ["src/http/app.ts", "src/http/admin.ts", "src/http/page-routes.ts"].flatMap(routesIn);
  expect(routes).toContain("GET /ping");
  expectSameNames(tableBelow("Routes"), routes);
});

test("the README lists every command, and no other", async () => {
  const program = await createProgram();
  const leaves = program.commands.flatMap((command) =>
    command.commands.length === 0
      ? [command.name()]
      : command.commands.map((each) => `${command.name()} ${each.name()}`),
  );
  expectSameNames(
    tableBelow("Commands"),
    leaves.map((name) => `stygig ${name}`),
  );
});
