import { once } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Response } from "express";
import { afterEach, describe, expect, it } from "vitest";
import { createSpool, type Spool } from "../../../src/http/spool.js";
import { aFolder } from "../../support/a-folder.js";

const never = new AbortController().signal;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** What a caller gets of a spool that is sent over a real connection, and how sending it ended. */
async function send(spool: Spool, signal = never) {
  let sent: Promise<void> = Promise.resolve();
  const server = createServer((_request, response) => {
    sent = spool.send(response as Response, "text/plain", signal);
    sent.catch(() => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return { response, sent: () => sent };
}

/** Files of this process that lie in the folder, whether or not they still have a name there. */
async function openFilesIn(folder: string): Promise<number> {
  const links = await Promise.all(
    (await readdir("/proc/self/fd")).map((fd) => readlink(join("/proc/self/fd", fd)).catch(() => "")),
  );
  return links.filter((link) => link.startsWith(folder)).length;
}

describe.each([
  ["memory", 1000],
  ["a file", 10],
])("an answer kept in %s", (place, maxMemoryBytes) => {
  it("is sent whole, in order and with its length", async () => {
    const folder = await aFolder();
    const spool = createSpool({ maxMemoryBytes, maxBytes: 1000, folder });
    const parts = Array.from({ length: 30 }, (_, i) => `${i}ö`);
    for (const part of parts) await spool.add(part);
    expect(await openFilesIn(folder)).toBe(place === "memory" ? 0 : 1);
    const { response, sent } = await send(spool);
    expect(await response.text()).toBe(parts.join(""));
    expect(response.headers.get("content-length")).toBe(String(Buffer.byteLength(parts.join(""))));
    expect(response.headers.get("content-type")).toBe("text/plain");
    await sent();
    await spool.close();
    expect(await openFilesIn(folder)).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it("is refused at the limit, and not before", async () => {
    const folder = await aFolder();
    const spool = createSpool({ maxMemoryBytes, maxBytes: 40, folder });
    for (let i = 0; i < 4; i++) await spool.add("0123456789");
    await expect(spool.add("0")).rejects.toMatchObject({ code: "answer_too_large", details: { limit_bytes: 40 } });
    await spool.close();
    await spool.close();
    expect(await openFilesIn(folder)).toBe(0);
  });

  it("is not begun once the request is over", async () => {
    const folder = await aFolder();
    const spool = createSpool({ maxMemoryBytes, maxBytes: 1000, folder });
    await spool.add("01234567890123456789");
    const over = new AbortController();
    const reason = new Error("too late");
    over.abort(reason);
    await expect(spool.send({} as Response, "text/plain", over.signal)).rejects.toBe(reason);
    await spool.close();
    expect(await openFilesIn(folder)).toBe(0);
  });
});

it("is empty with a length of 0", async () => {
  const { response } = await send(createSpool({ maxMemoryBytes: 10, maxBytes: 10 }));
  expect([await response.text(), response.headers.get("content-length"), response.status]).toEqual(["", "0", 200]);
});

it("has no name in its folder while it is filled", async () => {
  const folder = await aFolder();
  const spool = createSpool({ maxMemoryBytes: 1, maxBytes: 1000, folder });
  await spool.add("0123456789");
  expect(await readdir(folder)).toEqual([]);
  await spool.close();
});

it("gives its file back when the caller leaves in the middle", async () => {
  const folder = await aFolder();
  const size = 64 * 1024 * 1024;
  const spool = createSpool({ maxMemoryBytes: 1, maxBytes: size, folder });
  await spool.add("x".repeat(size));
  const { response, sent } = await send(spool);
  await response.body!.cancel();
  await expect(sent()).rejects.toThrow();
  await spool.close();
  expect(await openFilesIn(folder)).toBe(0);
});

it("fails by name where no file can be made", async () => {
  const spool = createSpool({ maxMemoryBytes: 1, maxBytes: 1000, folder: join(await aFolder(), "missing") });
  await spool.add("0");
  await expect(spool.add("123456789")).rejects.toMatchObject({ code: "spool_failed" });
  await spool.close();
});
