import { setTimeout as rest } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { jpegOfSize, typed } from "../support/contract-bodies.js";
import { ask, metricOf } from "../support/contract-request.js";
import { ownCheck, useContractTarget } from "../support/contract-target.js";
import { readEmfLine } from "../support/emf-contract.js";
import { type KeptConnection, keepConnection } from "../support/kept-connection.js";
import type { ServerProcess } from "../support/server-process.js";

// sagemaker-contract.md, section 8, check 17: many connections that ask and rest, and what they leave in memory and log.

/** Twenty by hand, fewer in the suite. */
const rounds = Number(process.env.STYGIG_TEST_ROUNDS ?? 5);
const connections = 64;
const requestsARound = 3;
const mebibyte = 1024 * 1024;
/** Of each picture's file: a round brings 48 MiB. */
const bodyBytes = mebibyte / 4;
/**
 * Between the looks in the middle and at the end two rounds or more come in, 96 MiB. A fresh server with a real encoder
 * grows by up to 50 until it has seen some thousands of pictures; then it stays.
 */
const maxGrowthMb = 60;
/** A second is the least that can be announced; another target is taken as it is. */
const target = useContractTarget({
  ...{ STYGIG_KEEP_ALIVE_MS: "1000", STYGIG_EMF: "1", STYGIG_EMF_DIMENSIONS: "EndpointName=soak,Stage=test" },
  ...{ STYGIG_VARIANT_NAME: "blue" },
});
/** For a target that announces as long as any usual one: a rest in each round, another one after them. */
const timeout = (rounds + 2) * 90_000;

type Soak = Readonly<{
  kept: readonly KeptConnection[];
  announcedMs: number;
  /** Requests by status, or by the reason why there was none. */
  outcomes: Readonly<Record<string, number>>;
  /** Rests after which the same connection was asked again, and those that a busy machine made too long for that. */
  rests: number;
  overslept: number;
  /** Of the server, in MiB, at the end of each round. */
  residentMb: readonly number[];
}>;

async function announcedBy(url: string): Promise<number> {
  const { headers } = await ask(url, { path: "/ping", headers: { connection: "keep-alive" } });
  const seconds = /^timeout=(\d+)$/.exec(String(headers["keep-alive"]))?.[1];
  if (seconds === undefined) expect.fail("the target announces no time for which it keeps connections");
  return Number(seconds) * 1000;
}

/** How far rests are from the announced time on either side: as much as a request may be under way. */
const spreadMs = 200;

/** Each connection asks some times at once, then rests about as long as is announced. */
async function soak(url: string): Promise<Soak> {
  const announcedMs = await announcedBy(url);
  const kept = Array.from({ length: connections }, keepConnection);
  const outcomes: Record<string, number> = {};
  const residentMb: number[] = [];
  let [rests, overslept, asked] = [0, 0, 0];
  const askOnce = async ({ agent }: KeptConnection): Promise<void> => {
    const body = jpegOfSize(bodyBytes, asked++);
    const outcome = await ask(url, { headers: typed("image/jpeg"), body, agent }).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code ?? error.message,
    );
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  };
  const restAndNote = async (connection: KeptConnection, restMs: number): Promise<void> => {
    const since = performance.now();
    await rest(restMs);
    // Nobody may count on a connection long after the announced time: whoever wakes up that late takes another one.
    const isLate = performance.now() - since > announcedMs + 2 * spreadMs;
    if (isLate) connection.close();
    if (isLate) overslept++;
    else rests++;
  };
  await Promise.all(
    kept.map(async (connection, place) => {
      for (let round = 0; round < rounds; round++) {
        const offsetMs = spreadMs * ((2 * ((place + round) % connections)) / (connections - 1) - 1);
        if (round > 0) await restAndNote(connection, announcedMs + offsetMs);
        for (let i = 0; i < requestsARound; i++) await askOnce(connection);
        if (place === 0) residentMb.push((await metricOf(url, "stygig_resident_memory_bytes")) / mebibyte);
      }
    }),
  );
  return { kept, announcedMs, outcomes, rests, overslept, residentMb };
}

let soaking: Promise<Soak> | null = null;
const soakOnce = () => {
  soaking ??= soak(target.url());
  return soaking;
};
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("check 17", () => {
  it("check 17: 64 connections that rest about as long as is announced are never reset", { timeout }, async () => {
    const { kept, announcedMs, outcomes, rests, overslept } = await soakOnce();
    console.log(`${rests} rests of about ${announcedMs} ms, ${overslept} too long; ${JSON.stringify(outcomes)}`);
    expect(outcomes).toEqual({ 200: connections * rounds * requestsARound });
    expect(kept.flatMap(({ breaks }) => breaks)).toEqual([]);
    expect(sum(kept.map(({ opened }) => opened()))).toBe(connections + overslept);
    expect(rests).toBeGreaterThan((connections * (rounds - 1)) / 2);
  });

  it("check 17: connections that rest longer are closed in peace, and others take their place", {
    timeout,
  }, async () => {
    const { kept, announcedMs, overslept } = await soakOnce();
    const open = () => kept.filter(({ isOpen }) => isOpen()).length;
    await expect.poll(open, { interval: 100, timeout: announcedMs + 30_000 }).toBe(0);
    const answers = await Promise.all(kept.map(({ agent }) => ask(target.url(), { path: "/ping", agent })));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(sum(kept.map(({ opened }) => opened()))).toBe(2 * connections + overslept);
    expect(kept.flatMap(({ breaks }) => breaks)).toEqual([]);
    for (const { close } of kept) close();
  });

  it("check 17: memory does not grow with what has been sent", { timeout }, async () => {
    const { residentMb } = await soakOnce();
    const [earlier, later] = [residentMb[rounds >> 1]!, residentMb.at(-1)!];
    console.log(`resident, MiB, after each round: ${residentMb.map((each) => each.toFixed(0)).join(" ")}`);
    expect(residentMb).toHaveLength(rounds);
    expect(later - earlier).toBeLessThan(maxGrowthMb);
  });

  const linesOf = ({ stdout }: ServerProcess) => stdout().split("\n").slice(0, -1);

  ownCheck("check 17: every line of the log is one JSON object, whatever callers send", async () => {
    const server = target.own()!;
    await soakOnce();
    const odd = 'line\nfeed\r\u2028\u2029\u0000"{}';
    const questions = [
      { headers: typed("application/json"), body: JSON.stringify({ [odd]: odd, item_id: odd }) },
      { headers: typed("application/jsonlines"), body: `${odd}\n{"item_id":${JSON.stringify(odd)}}` },
      { path: `/${encodeURIComponent(odd)}` },
      { headers: { ...typed("image/png"), "x-amzn-sagemaker-inference-id": 'a "b" {c} \\n' }, body: odd },
    ];
    for (const question of questions) await ask(target.url(), question);
    const finished = () => linesOf(server).filter((line) => line.includes('"event":"request_finished"'));
    const expected = connections * rounds * requestsARound + questions.length;
    await expect.poll(() => finished().length, { timeout: 20_000 }).toBe(expected);
    for (const line of linesOf(server)) {
      expect(JSON.parse(line), line).toMatchObject({
        ...{ level: expect.stringMatching(/^(info|warn|error)$/), event: expect.stringMatching(/^[a-z_]+$/) },
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    }
    expect(server.stderr()).toBe("");
  });

  // The last one: it ends the server, which then sums up what came.
  ownCheck(
    "check 17: lines for CloudWatch's metrics keep its published schema, in ms, with texts as dimensions",
    async () => {
      const server = target.own()!;
      const { outcomes } = await soakOnce();
      server.child.kill("SIGTERM");
      expect(await server.ended).toBe(0);
      const lines = linesOf(server).filter((line) => line.includes('"_aws"'));
      const documents = lines.map(readEmfLine);
      expect(documents.length).toBeGreaterThan(0);
      for (const { _aws } of documents) {
        expect(Math.abs(Date.now() - _aws.Timestamp)).toBeLessThan(timeout);
        for (const { Dimensions } of _aws.CloudWatchMetrics) {
          expect(Dimensions).toEqual([["EndpointName", "Stage", "VariantName"]]);
        }
      }
      expect(sum(documents.map(({ Requests }) => Number(Requests)))).toBeGreaterThanOrEqual(outcomes[200]!);
    },
  );
});
