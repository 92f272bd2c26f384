import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../src/domain/public-address.js";

/** IANA's IPv4 special-purpose registry (2026-11), multicast, and Azure's host services; Node's own list is the oracle. */
const special4: readonly (readonly [base: string, length: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["168.63.129.16", 32],
];

/** Loopback, unspecified, mapped, translated, local-use translated, discard, IETF, documentation, 6to4, SRv6, local, multicast. */
const special6: readonly (readonly [base: string, length: number])[] = [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
];

function listOf(ranges: typeof special4, family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [base, length] of ranges) list.addSubnet(base, length, family);
  return list;
}

const bits4 = (text: string) => text.split(".").reduce((value, part) => value * 256 + Number(part), 0);
const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");

const inSpecial4 = fc
  .constantFrom(...special4)
  .chain(([base, length]) => fc.nat({ max: 2 ** (32 - length) - 1 }).map((offset) => (bits4(base) + offset) >>> 0));

/** The ways in which a URL may write an IPv4 host: fewer parts, hexadecimal, octal, and mixtures. */
function spellingsOf(value: number): readonly string[] {
  const bytes = dotted(value).split(".").map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const hex = (number: number) => `0x${number.toString(16)}`;
  const octal = (number: number) => `0${number.toString(8)}`;
  return [
    dotted(value),
    String(value),
    hex(value),
    hex(value).toUpperCase(),
    octal(value),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    bytes.map(hex).join("."),
    bytes.map(octal).join("."),
    `${hex(a)}.${octal(b)}.${c}.${hex(d)}`,
    [...dotted(value)].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join(""),
    dotted(value).replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    dotted(value).replaceAll(".", "\u3002"),
    `${dotted(value)}.`,
  ];
}

const hostOf = (authority: string) => new URL(`https://${authority}/`).hostname.replace(/^\[|\]$/g, "");

const groupsOf = (value: bigint) =>
  Array.from({ length: 8 }, (_, place) => Number((value >> BigInt(112 - 16 * place)) & 0xffffn));

function bits6(text: string): bigint {
  const [head = "", tail = ""] = text.split("::");
  const [left, right] = [head, tail].map((half) => half.split(":").filter((group) => group !== ""));
  const groups = [...left!, ...new Array<string>(8 - left!.length - right!.length).fill("0"), ...right!];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** In full, without leading zeros, in capitals, with its last half dotted, and as a URL shortens it. */
function spellingsOf6(value: bigint): readonly string[] {
  const groups = groupsOf(value);
  const full = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
  const short = groups.map((group) => group.toString(16)).join(":");
  const tail = dotted(((groups[6]! << 16) | groups[7]!) >>> 0);
  const mixed = `${groups
    .slice(0, 6)
    .map((group) => group.toString(16))
    .join(":")}:${tail}`;
  return [full, short, full.toUpperCase(), mixed, hostOf(`[${short}]`), hostOf(`[${mixed}]`)];
}

const anyBits = (length: number) => fc.bigInt({ min: 0n, max: (1n << BigInt(128 - length)) - 1n });
const ipv4Bits = inSpecial4.map(BigInt);

describe("an address of a special IPv4 range", () => {
  it("is refused in every spelling that a URL takes", () => {
    fc.assert(
      fc.property(inSpecial4, (value) => {
        // A dot at the end is dropped from an IPv4 host.
        for (const spelling of spellingsOf(value)) {
          expect(hostOf(spelling), spelling).toBe(dotted(value));
          expect(isPublicAddress(hostOf(spelling)), spelling).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is refused inside every IPv6 address that carries it, in every spelling", () => {
    const carriers = [
      (ipv4: bigint) => ipv4,
      (ipv4: bigint) => (0xffffn << 32n) | ipv4,
      (ipv4: bigint) => (0xffffn << 48n) | ipv4,
      (ipv4: bigint) => bits6("64:ff9b::") | ipv4,
      (ipv4: bigint) => bits6("64:ff9b:1::") | ipv4,
      (ipv4: bigint) => bits6("2002::") | (ipv4 << 80n) | 1n,
      (ipv4: bigint) => bits6("2001:0:4136:e378::") | (ipv4 ^ 0xffffffffn),
      (ipv4: bigint) => bits6("2620:1:2:3:0:5efe::") | ipv4,
      (ipv4: bigint) => bits6("2620:1:2:3:200:5efe::") | ipv4,
      (ipv4: bigint) => bits6("fe80::5efe:0:0") | ipv4,
    ];
    fc.assert(
      fc.property(ipv4Bits, fc.constantFrom(...carriers), (ipv4, carry) => {
        for (const spelling of spellingsOf6(carry(ipv4))) expect(isPublicAddress(spelling), spelling).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an address of a special IPv6 range", () => {
  it("is refused in every spelling", () => {
    const inSpecial6 = fc
      .constantFrom(...special6)
      .chain(([base, length]) => anyBits(length).map((offset) => bits6(base) | offset));
    fc.assert(
      fc.property(inSpecial6, (value) => {
        for (const spelling of spellingsOf6(value)) expect(isPublicAddress(spelling), spelling).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it("is refused for all that is not handed out, which is all but an eighth", () => {
    const outside = anyBits(0).filter((value) => value >> 125n !== 1n);
    fc.assert(fc.property(outside, (value) => spellingsOf6(value).every((spelling) => !isPublicAddress(spelling))));
  });
});

describe("any other address", () => {
  it("is public where Node's list of the special ranges does not have it", () => {
    const list = listOf(special4, "ipv4");
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 32 - 1 }).map(dotted), (address) => {
        expect(isPublicAddress(address)).toBe(!list.check(address, "ipv4"));
      }),
      { numRuns: 2000 },
    );
  });

  it("is public in IPv6, too", () => {
    const list = listOf(special6, "ipv6");
    const handedOut = anyBits(3).map((offset) => (1n << 125n) | offset);
    fc.assert(
      fc.property(handedOut, (value) => {
        const isTunnel = (groupsOf(value)[4]! & ~0x200) === 0 && groupsOf(value)[5] === 0x5efe;
        for (const spelling of spellingsOf6(value)) {
          expect(isPublicAddress(spelling), spelling).toBe(!isTunnel && !list.check(spelling, "ipv6"));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "169.253.0.1"])(
    "%s is public",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each(["2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1", "2001:200::1"])(
    "%s is public",
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
});

describe("the places that attacks look for", () => {
  it.each(["169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd00:ec2::23", "100.100.100.200", "192.0.0.192"])(
    "%s is refused",
    (address) => expect(isPublicAddress(address)).toBe(false),
  );
  it.each(["127.0.0.1", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::a9fe:a9fe"])(
    "%s is refused",
    (address) => expect(isPublicAddress(address)).toBe(false),
  );
});

describe("what is no address in plain spelling", () => {
  it("is refused, whatever it is", () => {
    fc.assert(fc.property(fc.string(), (text) => !isPublicAddress(text) || /^[\d.]+$|:/.test(text)));
  });
  it.each(["", "8.8.8", "8.8.8.8.", "8.8.8.08", "8.8.8.256", "0x8.8.8.8", "134744072", " 8.8.8.8", "8.8.8.8\n"])(
    "%j is refused",
    (text) => expect(isPublicAddress(text)).toBe(false),
  );
  it.each([
    "2606:4700::1111%eth0",
    "[2606:4700::1111]",
    "2606::1::2",
    "2606:4700:1:2:3:4:5:6:7",
    "2606:4700:1",
    "2606::12345",
  ])("%j is refused", (text) => expect(isPublicAddress(text)).toBe(false));
});
