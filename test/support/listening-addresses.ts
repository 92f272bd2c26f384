import { readdir, readFile, readlink } from "node:fs/promises";

const listening = "0A";

/** Where a process listens, as `address:port` in order, read from Linux itself. */
export async function listeningAddresses(pid: number): Promise<readonly string[]> {
  const own = await socketsOf(pid);
  const tables = await Promise.all(["tcp", "tcp6"].map((name) => readFile(`/proc/${pid}/net/${name}`, "utf8")));
  const rows = tables.flatMap((table) => table.trimEnd().split("\n").slice(1));
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === listening && own.has(inode!))
    .map(([, local]) => toAddress(local!))
    .sort();
}

async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const folder = `/proc/${pid}/fd`;
  // One that has been closed since the folder was read is nobody's listener.
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => "")));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.slice(1) ?? []));
}

/** IPv4 as people write it; of IPv6 only the port, after its plain digits. */
function toAddress(local: string): string {
  const [address = "", port = ""] = local.split(":");
  const shown = address.length === 8 ? [...Buffer.from(address, "hex").reverse()].join(".") : address;
  return `${shown}:${Number.parseInt(port, 16)}`;
}
