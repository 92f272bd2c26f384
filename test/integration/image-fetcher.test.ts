import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { findAskedLater } from "../../src/adapters/image-fetcher-later.js";
import type { ServiceError } from "../../src/domain/errors.js";
import { aCertificate } from "../support/a-certificate.js";
import { aFetcher, deafAddress, failureOf } from "../support/a-fetcher.js";
import { startHost, startRawHost } from "../support/image-host.js";
import { tinyPicture } from "../support/tiny-artifact.js";

const picture = Buffer.from(tinyPicture([200, 30, 40]));
const code = (name: string) => expect.objectContaining({ code: name });

/** A host `pictures.example` with plain http on its port, and a fetcher that may ask it. */
async function withHost(answer: Parameters<typeof startHost>[0], sketch: Parameters<typeof aFetcher>[0] = {}) {
  const host = await startHost(answer);
  const origin = `http://pictures.example:${host.port}`;
  return { host, origin, fetchImage: aFetcher({ hosts: origin, ...sketch }) };
}

async function withRawHost(reply: string, sketch: Parameters<typeof aFetcher>[0] = {}) {
  const host = await startRawHost((socket) => socket.once("data", () => socket.end(reply, "latin1")));
  const origin = `http://pictures.example:${host.port}`;
  return { host, origin, fetchImage: aFetcher({ hosts: origin, ...sketch }) };
}

describe("a picture by URL", () => {
  it("arrives byte for byte, over a connection to the address that was checked", async () => {
    const lookedUp: string[] = [];
    const { host, origin, fetchImage } = await withHost((_, response) => response.end(picture), { lookedUp });
    expect(Buffer.from(await fetchImage(`${origin}/a%20b.png?size=1#top`)).equals(picture)).toBe(true);
    expect(host.seen).toEqual([`GET /a%20b.png?size=1 pictures.example:${host.port}`]);
    expect(lookedUp).toEqual(["pictures.example"]);
    await host.whenAlone();
  });

  it("arrives from the next of a name's addresses when nobody listens at the first", async () => {
    const { origin, fetchImage } = await withHost((_, response) => response.end(picture), {
      names: () => [deafAddress, "127.0.0.1"],
    });
    expect((await fetchImage(origin)).length).toBe(picture.length);
  });

  it("is told by its first bytes, whatever its content type says", async () => {
    const { origin, fetchImage } = await withHost((request, response) => {
      response.setHeader("content-type", request.url === "/picture" ? "text/html" : "image/png");
      response.end(request.url === "/picture" ? picture : "<html>secret page</html>");
    });
    expect((await fetchImage(`${origin}/picture`)).length).toBe(picture.length);
    expect(await failureOf(fetchImage(`${origin}/page`))).toEqual(code("image_undecodable"));
  });

  it("never unpacks what comes compressed", async () => {
    const { origin, fetchImage } = await withHost((request, response) => {
      expect(request.headers["accept-encoding"]).toBe("identity");
      response.setHeader("content-encoding", "gzip");
      response.end(gzipSync(Buffer.concat([picture, Buffer.alloc(50_000_000)])));
    });
    expect(await failureOf(fetchImage(origin))).toEqual(code("image_undecodable"));
  });

  it("takes nothing of the caller's along, and keeps no cookies", async () => {
    const heads: string[][] = [];
    const { origin, fetchImage } = await withHost((request, response) => {
      heads.push(Object.keys(request.headers).sort());
      response.setHeader("set-cookie", "session=1").end(picture);
    });
    await fetchImage(origin);
    await fetchImage(origin);
    const usual = ["accept", "accept-encoding", "connection", "host", "user-agent"];
    expect(heads).toEqual([usual, usual]);
  });

  it("has a connection and a look-up of its own each time, so that none goes unchecked", async () => {
    const answers = [["127.0.0.1"], ["127.0.0.1"], ["169.254.169.254"]];
    const { host, origin, fetchImage } = await withHost((_, response) => response.end(picture), {
      names: () => answers.shift() ?? [],
    });
    await fetchImage(origin);
    await fetchImage(origin);
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_not_allowed"));
    expect(host.connections()).toBe(2);
  });
});

describe("what may be asked for", () => {
  it("is nothing as long as there is no list", async () => {
    const fetchImage = aFetcher({});
    expect(await failureOf(fetchImage("https://pictures.example/a"))).toEqual(code("reference_disabled"));
    expect(await failureOf(fetchImage({ kind: "s3", bucket: "photos", key: "a" }))).toEqual(code("reference_disabled"));
    expect(await failureOf(aFetcher({ hosts: "a.example" })({ kind: "s3", bucket: "photos", key: "a" }))).toEqual(
      code("reference_disabled"),
    );
    expect(await failureOf(aFetcher({ folders: "photos" })("https://pictures.example/a"))).toEqual(
      code("reference_disabled"),
    );
  });

  it.each([
    ["another host", (port: number) => `http://other.example:${port}/`],
    ["another port", (port: number) => `http://pictures.example:${port + 1}/`],
    ["another protocol", (port: number) => `https://pictures.example:${port}/`],
    ["the address instead of the name", (port: number) => `http://127.0.0.1:${port}/`],
    ["the address as a number", (port: number) => `http://2130706433:${port}/`],
    ["localhost", (port: number) => `http://localhost:${port}/`],
  ])("is not %s: nobody is looked up or connected to", async (_name, urlOf) => {
    const lookedUp: string[] = [];
    const { host, fetchImage } = await withHost((_, response) => response.end(picture), { lookedUp });
    expect(await failureOf(fetchImage(urlOf(host.port)))).toEqual(code("reference_not_allowed"));
    expect(lookedUp).toEqual([]);
    expect(host.connections()).toBe(0);
  });

  it.each([["169.254.169.254"], ["10.0.0.1", "93.184.215.14"], ["::1"], ["::ffff:127.0.0.1"]])(
    "is not a listed name that leads to %s",
    async (...addresses) => {
      const { host, origin, fetchImage } = await withHost((_, response) => response.end(picture), {
        names: () => addresses,
      });
      expect(await failureOf(fetchImage(origin))).toEqual(code("reference_not_allowed"));
      expect(host.connections()).toBe(0);
    },
  );

  it("is not a listed address that is not public", async () => {
    const host = await startHost((_, response) => response.end(picture));
    const listed = `http://127.0.0.2:${host.port}`;
    expect(await failureOf(aFetcher({ hosts: listed })(listed))).toEqual(code("reference_not_allowed"));
  });
});

describe("a redirect", () => {
  it.each([301, 302, 303, 307, 308])("%d is followed, looked up and checked like the first address", async (status) => {
    const lookedUp: string[] = [];
    const { host, origin, fetchImage } = await withHost(
      (request, response) => {
        if (request.url === "/end") return void response.end(picture);
        response.writeHead(status, { location: "/end" }).end("moved ".repeat(1000));
      },
      { lookedUp },
    );
    expect((await fetchImage(`${origin}/start`)).length).toBe(picture.length);
    expect(lookedUp).toEqual(["pictures.example", "pictures.example"]);
    expect(host.connections()).toBe(2);
  });

  it.each([
    "http://169.254.169.254/latest/meta-data/",
    "http://other.example/",
    "https://pictures.example/",
    "//[::1]/",
    "file:///etc/passwd",
    "data:image/png;base64,AAAA",
    "http://user:secret@pictures.example/",
    "http://",
  ])("to %s is refused", async (location) => {
    const lookedUp: string[] = [];
    const { origin, fetchImage } = await withHost((_, response) => response.writeHead(302, { location }).end(), {
      lookedUp,
    });
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_not_allowed"));
    expect(lookedUp).toEqual(["pictures.example"]);
  });

  it("without a target is refused", async () => {
    const { origin, fetchImage } = await withHost((_, response) => response.writeHead(302).end());
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_not_allowed"));
  });

  it("to the same name is refused when the name has moved to a private address meanwhile", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    const { host, origin, fetchImage } = await withHost(
      (_, response) => response.writeHead(302, { location: "/again" }).end(),
      { names: () => answers.shift() ?? [] },
    );
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_not_allowed"));
    expect(host.connections()).toBe(1);
  });

  it("is followed three times and no more", async () => {
    const { host, origin, fetchImage } = await withHost((request, response) => {
      const left = Number(request.url!.slice(1));
      if (left === 0) return void response.end(picture);
      response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect((await fetchImage(`${origin}/3`)).length).toBe(picture.length);
    expect(await failureOf(fetchImage(`${origin}/4`))).toEqual(code("reference_not_allowed"));
    expect(host.seen).toHaveLength(8);
  });

  it("is not what 304 is: nothing was asked for by date", async () => {
    const { origin, fetchImage } = await withHost((_, response) => response.writeHead(304).end());
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_unreachable"));
  });
});

describe("a host that answers otherwise", () => {
  it.each([
    [404, "reference_not_found"],
    [403, "reference_not_found"],
    [410, "reference_not_found"],
    [408, "reference_unreachable"],
    [429, "reference_unreachable"],
    [500, "reference_unreachable"],
    [503, "reference_unreachable"],
    [204, "reference_unreachable"],
    [206, "reference_unreachable"],
  ])("%d is %s, with the status and nothing of the body", async (status, expected) => {
    const { host, origin, fetchImage } = await withHost((_, response) => {
      response.writeHead(status).end(status === 204 ? undefined : picture);
    });
    const failure = await failureOf(fetchImage(origin));
    expect(failure).toMatchObject({ code: expected, details: { status } });
    await host.whenAlone();
  });

  it.each([429, 503])("%d and when to ask again is asked once, and the host's word goes no further", async (status) => {
    const { host, origin, fetchImage } = await withHost((_, response) => {
      response.writeHead(status, { "retry-after": "3600" }).end();
    });
    const failure = (await failureOf(fetchImage(origin))) as ServiceError;
    expect([failure.code, failure.details, host.seen.length]).toEqual(["reference_unreachable", { status }, 1]);
    expect(findAskedLater(failure)).toMatchObject({ retryAfter: "3600" });
  });

  it.each([
    ["nothing", ""],
    ["no HTTP", "SSH-2.0-OpenSSH\r\n"],
    ["a head that never ends", `HTTP/1.1 200 OK\r\n${"x-filler: 1\r\n".repeat(10_000)}`],
    ["another protocol", "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"],
    ["two lengths", `HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n${picture.toString("latin1")}`],
    ["less than announced", `HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${picture.toString("latin1")}`],
    ["chunks without an end", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\n\x89PNG\r\n"],
    ["a chunk of no length", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
  ])("with %s is unreachable", async (_name, reply) => {
    const { origin, fetchImage } = await withRawHost(reply);
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_unreachable"));
  });

  it("with an empty body has no picture", async () => {
    const { origin, fetchImage } = await withHost((_, response) => response.end());
    expect(await failureOf(fetchImage(origin))).toEqual(code("image_undecodable"));
  });

  it("that is not there is unreachable", async () => {
    const nobody = aFetcher({ hosts: "http://pictures.example:1" });
    expect(await failureOf(nobody("http://pictures.example:1/"))).toEqual(code("reference_unreachable"));
  });
});

describe("a picture that is too large", () => {
  it("is refused by its announced length before any of it is read", async () => {
    const { host, origin, fetchImage } = await withHost(
      (_, response) => void response.writeHead(200, { "content-length": 1001 }).flushHeaders(),
      { maxBytes: 1000 },
    );
    expect(await failureOf(fetchImage(origin))).toMatchObject({
      code: "reference_too_large",
      details: { limit_bytes: 1000 },
    });
    await host.whenAlone();
  });

  it("is cut at the limit when it announced nothing and never ends", async () => {
    let sent = 0;
    const { host, origin, fetchImage } = await withHost((_, response) => {
      response.write(picture);
      const pour = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
      };
      response.on("drain", pour);
      pour();
    });
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_too_large"));
    await host.whenAlone();
    expect(sent).toBeLessThan(20_000_000);
  });

  it("may be as large as the limit, to the byte", async () => {
    const { origin, fetchImage } = await withHost((_, response) => response.end(picture), { maxBytes: picture.length });
    expect((await fetchImage(origin)).length).toBe(picture.length);
    const smaller = await withHost((_, response) => response.end(picture), { maxBytes: picture.length - 1 });
    expect(await failureOf(smaller.fetchImage(smaller.origin))).toEqual(code("reference_too_large"));
  });

  it("takes no more memory for coming in chunks of one byte", async () => {
    const size = 300_000;
    const head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    const first = `${picture.length.toString(16)}\r\n${picture.toString("latin1")}\r\n`;
    const chunks = "1\r\n\0\r\n".repeat(size - picture.length);
    const { origin, fetchImage } = await withRawHost(`${head}${first}${chunks}0\r\n\r\n`);
    const bytes = await fetchImage(origin);
    expect(bytes.length).toBe(size);
    expect(bytes.buffer.byteLength).toBe(size);
  });
});

describe("a host that takes its time", () => {
  it.each([
    ["never answers", () => {}],
    ["stops in the middle", (_: unknown, response: { write: (bytes: Buffer) => void }) => response.write(picture)],
  ])("and %s is left at the limit", async (_name, answer) => {
    const { host, origin, fetchImage } = await withHost(answer as Parameters<typeof startHost>[0], { timeoutMs: 50 });
    expect(await failureOf(fetchImage(origin))).toMatchObject({
      code: "reference_timeout",
      details: { limit_ms: 50 },
    });
    await host.whenAlone();
  });

  it("and drips is left at the limit, although it is never silent", async () => {
    const host = await startRawHost((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      const drip = () => socket.write(picture.subarray(0, 8), () => setImmediate(drip));
      socket.once("close", () => socket.removeAllListeners());
      drip();
    });
    const origin = `http://pictures.example:${host.port}`;
    const fetchImage = aFetcher({ hosts: origin, timeoutMs: 50, maxBytes: 1e9 });
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_timeout"));
    await host.whenAlone();
  });

  it("and whose name is never looked up is left at the limit", async () => {
    const slow = aFetcher({ hosts: "pictures.example", timeoutMs: 20, names: () => new Promise(() => {}) as never });
    expect(await failureOf(slow("https://pictures.example/"))).toEqual(code("reference_timeout"));
  });

  it("is left at once when the request ends, for the request's own reason", async () => {
    const controller = new AbortController();
    const reason = new Error("the caller left");
    const { host, origin, fetchImage } = await withHost(() => controller.abort(reason));
    await expect(fetchImage(origin, controller.signal)).rejects.toBe(reason);
    await host.whenAlone();
    await expect(fetchImage(origin, controller.signal)).rejects.toBe(reason);
    expect(host.connections()).toBe(1);
  });
});

describe("TLS", () => {
  const ours = aCertificate("pictures.example");

  async function withTls(certificate: typeof ours, trusted?: string) {
    const names: string[] = [];
    const host = await startHost((_, response) => response.end(picture), {
      ...certificate,
      seeName: (name) => names.push(name),
    });
    const origin = `https://pictures.example:${host.port}`;
    return { host, names, origin, fetchImage: aFetcher({ hosts: origin, ...(trusted ? { trusted } : {}) }) };
  }

  it("is spoken with the name of the URL, although the connection goes to the checked address", async () => {
    const { host, names, origin, fetchImage } = await withTls(ours, ours.cert);
    expect((await fetchImage(origin)).length).toBe(picture.length);
    expect(names).toEqual(["pictures.example"]);
    expect(host.seen).toEqual([`GET / pictures.example:${host.port}`]);
  });

  it("is refused with a certificate that nobody trusts", async () => {
    const { host, origin, fetchImage } = await withTls(ours);
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_unreachable"));
    expect(host.seen).toEqual([]);
  });

  it("is refused with a trusted certificate of another name", async () => {
    const other = aCertificate("other.example");
    const { host, origin, fetchImage } = await withTls(other, other.cert);
    expect(await failureOf(fetchImage(origin))).toEqual(code("reference_unreachable"));
    expect(host.seen).toEqual([]);
  });
});
