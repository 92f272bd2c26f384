import type { RequestListener } from "node:http";
import { setImmediate } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { type HttpServer, listenHttp } from "../../src/adapters/http-server.js";
import { askRaw } from "../support/contract-request.js";

const servers: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close(0)));
});

async function listen(listener: RequestListener): Promise<string> {
  const server = await listenHttp(listener, 0, { address: "127.0.0.1" });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

const answerWell: RequestListener = (request, response) => {
  const body = request.url ?? "";
  response.writeHead(200, { "content-length": body.length }).end(body);
};

it.each([
  ["a request without a host", "GET / HTTP/1.1\r\n\r\n", "400 Bad Request"],
  [
    "a request with an expectation of its own",
    "GET / HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n",
    "417 Expectation Failed",
  ],
  ["a target without a path", "GET http://[::1 HTTP/1.1\r\nhost: a\r\n\r\n", "400 Bad Request"],
  ["what is not HTTP", "HELLO\r\n\r\n", "400 Bad Request"],
  [
    "a head of too many bytes",
    `GET / HTTP/1.1\r\nx: ${"x".repeat(20_000)}\r\n\r\n`,
    "431 Request Header Fields Too Large",
  ],
])("refuses %s with a status, a length and an end", async (_name, text, status) => {
  const answer = await askRaw(await listen(answerWell), text);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
  expect(answer).toContain("content-length: 0\r\n");
  expect(answer).not.toContain("transfer-encoding");
});

it("takes requests of HTTP/1.0, which need no host", async () => {
  const answer = await askRaw(await listen(answerWell), "GET /old HTTP/1.0\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(answer).toMatch(/\/old$/);
});

it("takes whole addresses by their path", async () => {
  const get = (target: string) => `GET ${target} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`;
  expect(await askRaw(await listen(answerWell), get("http://b.example:9/one?two=2"))).toMatch(/\/one\?two=2$/);
});

it("refuses what cannot be read behind the answers to what came before it, and once", async () => {
  const held: (() => void)[] = [];
  let tellHeld = () => {};
  const bothHeld = new Promise<void>((resolve) => {
    tellHeld = resolve;
  });
  const url = await listen((request, response) => {
    held.push(() => answerWell(request, response));
    if (held.length === 2) tellHeld();
  });
  const get = (path: string) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`;
  const answered = askRaw(url, `${get("/one")}${get("/two")}NONSENSE\r\n\r\nMORE OF IT\r\n\r\n`);
  await bothHeld;
  await setImmediate();
  for (const answer of held) answer();
  const text = await answered;
  expect(text.match(/HTTP\/1\.1 \d+|\/one|\/two/g)).toEqual([
    "HTTP/1.1 200",
    "/one",
    "HTTP/1.1 200",
    "/two",
    "HTTP/1.1 400",
  ]);
});
