import { z } from "zod";
import { readProjectFile } from "./project-files.js";

const schema = z.fromJSONSchema(JSON.parse(readProjectFile("test/golden/data/emf-schema.json")));

type Directive = Readonly<{ Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit?: string }[] }>;
export type EmfLine = Readonly<Record<string, unknown>> &
  Readonly<{ _aws: Readonly<{ Timestamp: number; CloudWatchMetrics: readonly [Directive] }> }>;

/** A line of the log as CloudWatch reads it. @throws Error when its schema, or a rule of its text, refuses it */
export function readEmfLine(line: string): EmfLine {
  if (!/^\{[^\n]*\}\n?$/.test(line)) throw new Error("an event is one JSON object with nothing before or after it");
  if (Buffer.byteLength(line) > 256 * 1024) throw new Error("an event has at most 256 KB");
  const document = JSON.parse(line) as EmfLine;
  const parsed = schema.safeParse(document);
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  // What the specification says beside its schema.
  for (const { Metrics, Dimensions } of document._aws.CloudWatchMetrics) {
    if (Metrics.length > 100) throw new Error("a directive has at most 100 metrics");
    for (const { Name } of Metrics) checkTarget(Name, document[Name]);
    for (const name of Dimensions.flat()) checkDimension(name, document[name]);
    const names = [...Metrics.map(({ Name }) => Name), ...new Set(Dimensions.flat())];
    if (new Set(names).size < names.length) throw new Error("a name means one thing");
  }
  return document;
}

function checkTarget(name: string, value: unknown): void {
  const values = Array.isArray(value) ? value : [value];
  const isFit = values.length > 0 && values.length <= 100 && values.every(Number.isFinite);
  if (!isFit) throw new Error(`${name} is neither a number nor 1 to 100 of them`);
}

function checkDimension(name: string, value: unknown): void {
  const isFit = typeof value === "string" && value.length > 0 && value.length <= 1024;
  if (!isFit) throw new Error(`dimension ${name} is not a text of 1 to 1024 characters`);
}
