import { describe, expect, it } from "vitest";
import { createJsonLog, type JsonLogOptions } from "../../../src/adapters/json-log.js";
import { createRedact } from "../../../src/domain/secrets.js";

function logging(options: Partial<JsonLogOptions> = {}) {
  const written: string[] = [];
  const destination = { write: (text: string) => void written.push(text) };
  return { log: createJsonLog({ level: "info", destination, ...options }), written };
}

describe("the log", () => {
  it("is one JSON object a line, with level, time and event", () => {
    const { log, written } = logging();
    log.warn("worker_lost", { reason: "first\nsecond\u2028third", bytes: 3 });
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\{[^\n]*\}\n$/);
    const { time, ...line } = JSON.parse(written[0]!);
    expect(line).toEqual({ level: "warn", event: "worker_lost", reason: "first\nsecond\u2028third", bytes: 3 });
    expect(new Date(time).toISOString()).toBe(time);
  });

  it("says on every line what it was given for all", () => {
    const { log, written } = logging({ fields: { variant: "canary" } });
    log.info("server_ready");
    log.error("request_finished", { code: "internal" });
    expect(written.map((line) => JSON.parse(line).variant)).toEqual(["canary", "canary"]);
  });

  it.each([
    ["debug", ["debug", "info", "warn", "error"]],
    ["info", ["info", "warn", "error"]],
    ["error", ["error"]],
    ["silent", []],
  ] as const)("at level %s holds %j", (level, levels) => {
    const { log, written } = logging({ level });
    for (const each of ["debug", "info", "warn", "error"] as const) log[each]("event_happened");
    expect(written.map((line) => JSON.parse(line).level)).toEqual(levels);
  });

  it("hides secrets wherever they are in a line, and stays JSON", () => {
    const secret = 'a"secret\\key';
    const { log, written } = logging({ redact: createRedact({ AWS_SECRET_ACCESS_KEY: secret }) });
    log.info("request_finished", { cause: `denied for ${secret}`, [secret]: { deep: [secret] } });
    const { level: _, time: __, ...line } = JSON.parse(written[0]!);
    const name = "<AWS_SECRET_ACCESS_KEY>";
    expect(line).toEqual({ event: "request_finished", cause: `denied for ${name}`, [name]: { deep: [name] } });
  });
});
