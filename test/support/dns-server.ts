import { createSocket } from "node:dgram";
import { onTestFinished } from "vitest";

/** What a name has; `failed` is the server's own failure, `silent` no answer at all. */
export type DnsRecords = Readonly<Record<string, Readonly<{ a?: DnsAnswer; aaaa?: DnsAnswer }>>>;
type DnsAnswer = readonly string[] | "failed" | "silent";

const rcode = { ok: 0, failed: 2, unknown: 3 };

/** A DNS server on loopback that knows only these names; its address as `address:port`, and what it was asked. */
export async function startDnsServer(
  records: DnsRecords,
): Promise<Readonly<{ address: string; asked: readonly string[] }>> {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => {
    const { name, type, end } = questionOf(query);
    asked.push(`${type} ${name}`);
    const record = records[name];
    const answer = record?.[type] ?? [];
    if (answer === "silent") return;
    const code = record === undefined ? rcode.unknown : answer === "failed" ? rcode.failed : rcode.ok;
    const addresses = answer === "failed" ? [] : answer;
    socket.send(replyOf(query, end, code, addresses.map(toResource)), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => socket.close(resolve)));
  return { address: `127.0.0.1:${socket.address().port}`, asked };
}

function questionOf(query: Buffer): Readonly<{ name: string; type: "a" | "aaaa"; end: number }> {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) {
    const length = query[at]!;
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1) === 28 ? "aaaa" : "a", end: at + 5 };
}

function replyOf(query: Buffer, end: number, code: number, resources: readonly Buffer[]): Buffer {
  const reply = Buffer.from(query.subarray(0, end));
  reply.writeUInt16BE(0x8180 | code, 2);
  reply.writeUInt16BE(resources.length, 6);
  reply.writeUInt32BE(0, 8);
  return Buffer.concat([reply, ...resources]);
}

/** The name is a pointer to the question's, the time to live a minute. */
function toResource(address: string): Buffer {
  const data = address.includes(":")
    ? Buffer.from(
        address
          .split(":")
          .map((group) => group.padStart(4, "0"))
          .join(""),
        "hex",
      )
    : Buffer.from(address.split(".").map(Number));
  const head = Buffer.from("c00c000100010000003c0000", "hex");
  head.writeUInt16BE(data.length === 16 ? 28 : 1, 2);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
