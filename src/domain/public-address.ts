/**
 * What is not the public internet, after IANA's special-purpose registries: private, shared (CGNAT, where some clouds
 * keep their metadata), loopback, link-local (169.254.169.254 and 169.254.170.2 are there), documentation, benchmarks,
 * multicast, reserved, broadcast; and the one public address behind which Azure keeps services of its hosts.
 */
const specialIpv4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"],
].map(toIpv4Range);

/** Inside 2000::/3: protocol assignments with Teredo and ORCHID, documentation twice, and 6to4, which embeds IPv4. */
const specialIpv6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map(toIpv6Range);

/**
 * Whether an address, in the plain spelling that resolvers and URLs use, is one of the public internet; anything that
 * does not read as an address is not. Of IPv6 only 2000::/3 is handed out at all, so that mapped (::ffff:0:0/96),
 * translated (64:ff9b::/96), unique local (fd00:ec2::254), link-local and multicast addresses are out by themselves.
 */
export function isPublicAddress(address: string): boolean {
  const ipv4 = parseIpv4(address);
  if (ipv4 !== null) return !specialIpv4.some(({ base, size }) => ipv4 >= base && ipv4 < base + size);
  const groups = parseIpv6(address);
  if (groups === null || (groups[0]! & 0xe000) !== 0x2000 || isIsatap(groups)) return false;
  const value = toBits(groups);
  return !specialIpv6.some(({ base, shift }) => value >> shift === base >> shift);
}

/** A tunnel's address under any prefix: its last half is 0000:5efe or 0200:5efe and an IPv4 address. */
function isIsatap(groups: readonly number[]): boolean {
  return (groups[4]! & ~0x0200) === 0 && groups[5] === 0x5efe;
}

/** [0, 2^32), or null. Four decimal numbers and nothing else: what 0177.1 means depends on whom one asks. */
function parseIpv4(text: string): number | null {
  if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?=.)|$)){4}$/.test(text)) return null;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte < 256) ? bytes.reduce((value, byte) => value * 256 + byte, 0) : null;
}

/** Eight groups of 16 bits, or null. A zone (`%eth0`) belongs to local addresses alone, and so reads as no address. */
function parseIpv6(text: string): readonly number[] | null {
  const embedded = /^(.*:)([\d.]+)$/.exec(text);
  const ipv4 = embedded === null ? null : parseIpv4(embedded[2]!);
  const words = ipv4 === null ? text : `${embedded![1]}${(ipv4 >>> 16).toString(16)}:${(ipv4 & 0xffff).toString(16)}`;
  const halves = words.split("::");
  if (halves.length > 2) return null;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...new Array<string>(missing).fill("0"), ...tail];
  return all.every((group) => /^[\da-f]{1,4}$/i.test(group)) ? all.map((group) => Number.parseInt(group, 16)) : null;
}

function toBits(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function toIpv4Range(range: string): Readonly<{ base: number; size: number }> {
  const [base = "", length = ""] = range.split("/");
  return { base: parseIpv4(base)!, size: 2 ** (32 - Number(length)) };
}

function toIpv6Range(range: string): Readonly<{ base: bigint; shift: bigint }> {
  const [base = "", length = ""] = range.split("/");
  return { base: toBits(parseIpv6(base)!), shift: BigInt(128 - Number(length)) };
}
