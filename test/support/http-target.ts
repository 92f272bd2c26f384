import { afterAll, beforeAll, expect, vi } from "vitest";
import type { RunningServer } from "../../src/main.js";
import { aFolder } from "./a-folder.js";
import { captureLog, type LogLine } from "./captured-log.js";
import { serve } from "./compiled-main.js";
import { writeTinyArtifact } from "./tiny-artifact.js";

/** Where the questions of a suite go: TARGET_URL, or a server of our own over a tiny artifact. */
export type HttpTarget = Readonly<{
  url: () => string;
  /** The own server's log; empty for a foreign one. */
  lines: readonly LogLine[];
  isOwn: boolean;
}>;

/** Declares the hooks that start and stop the target; a foreign one must be ready within half a minute. */
export function useHttpTarget(env: Readonly<Record<string, string>> = {}): HttpTarget {
  const foreign = process.env.TARGET_URL?.replace(/\/$/, "");
  const { log, lines } = captureLog();
  let server: RunningServer | null = null;
  beforeAll(async () => {
    if (foreign !== undefined) {
      await vi.waitFor(async () => expect((await fetch(`${foreign}/ping`)).status).toBe(200), { timeout: 30_000 });
      return;
    }
    const artifactFolder = await writeTinyArtifact(await aFolder());
    server = await serve({ artifactFolder, log, env: { PORT: "0", INDEX: "exact", ...env } });
    await server.ready;
  });
  afterAll(async () => {
    await server?.stop();
    expect(lines.filter(({ fields }) => fields.code === "internal")).toEqual([]);
  });
  return { url: () => foreign ?? `http://127.0.0.1:${server?.port}`, lines, isOwn: foreign === undefined };
}
