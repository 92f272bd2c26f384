import { describe, expect, it } from "vitest";
import { createAddressGuard, createDnsResolver } from "../../../src/adapters/address-guard.js";
import { isPublicAddress } from "../../../src/domain/public-address.js";
import { startDnsServer } from "../../support/dns-server.js";

const never = new AbortController().signal;

function guardOver(addresses: readonly string[], asked: string[] = []) {
  return createAddressGuard({
    isAllowed: isPublicAddress,
    resolve: async (name) => {
      asked.push(name);
      return addresses;
    },
  });
}

describe("the addresses of a host", () => {
  it("are all that its name has, where all are public", async () => {
    const addresses = ["93.184.215.14", "2606:2800:21f::1"];
    expect(await guardOver(addresses)("pictures.example", never)).toEqual(addresses);
  });

  it.each([
    [["10.0.0.1"]],
    [["93.184.215.14", "169.254.169.254"]],
    [["::1", "93.184.215.14"]],
    [["93.184.215.14", "::ffff:10.0.0.1"]],
    [["93.184.215.14", "64:ff9b::a00:1"]],
    [["93.184.215.14", "not an address"]],
  ])("%j are refused: one that is not public spoils them all", async (addresses) => {
    const refused = await guardOver(addresses)("pictures.example", never).catch((error) => error);
    expect(refused).toMatchObject({ code: "reference_not_allowed" });
    expect(JSON.stringify(refused.details)).not.toMatch(/\d+\.\d+|::/);
  });

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["[::1]", "::1"],
    ["[fd00:ec2::254]", "fd00:ec2::254"],
  ])("%s is judged as it stands, without asking anybody", async (hostname) => {
    const asked: string[] = [];
    await expect(guardOver([], asked)(hostname, never)).rejects.toMatchObject({ code: "reference_not_allowed" });
    expect(asked).toEqual([]);
  });

  it("may be written in the URL", async () => {
    expect(await guardOver([])("[2606:4700::1111]", never)).toEqual(["2606:4700::1111"]);
  });

  it("are none: that may pass", async () => {
    await expect(guardOver([])("pictures.example", never)).rejects.toMatchObject({ code: "reference_unreachable" });
  });
});

describe("the DNS resolver", () => {
  it("asks for both kinds of address", async () => {
    const both = { a: ["93.184.215.14", "93.184.215.15"], aaaa: ["2606:2800:21f:0:0:0:0:1"] };
    const { address, asked } = await startDnsServer({ "pictures.example": both });
    const found = await createDnsResolver([address])("pictures.example", never);
    expect(found).toEqual(["93.184.215.14", "93.184.215.15", "2606:2800:21f::1"]);
    expect([...asked].sort()).toEqual(["a pictures.example", "aaaa pictures.example"]);
  });

  it.each([
    ["only IPv4", { a: ["93.184.215.14"] }],
    ["IPv4 from a server that fails at IPv6", { a: ["93.184.215.14"], aaaa: "failed" }],
  ] as const)("is content with %s", async (_name, records) => {
    const { address } = await startDnsServer({ "pictures.example": records });
    expect(await createDnsResolver([address])("pictures.example", never)).toEqual(["93.184.215.14"]);
  });

  it("finds nothing for a name without addresses, or that does not exist", async () => {
    const { address } = await startDnsServer({ "empty.example": {} });
    expect(await createDnsResolver([address])("empty.example", never)).toEqual([]);
    expect(await createDnsResolver([address])("missing.example", never)).toEqual([]);
  });

  it("does not read the hosts file", async () => {
    const { address } = await startDnsServer({});
    expect(await createDnsResolver([address])("localhost", never)).toEqual([]);
  });

  it("tells a server's failure from no address", async () => {
    const { address } = await startDnsServer({ "pictures.example": { a: "failed", aaaa: "failed" } });
    await expect(createDnsResolver([address])("pictures.example", never)).rejects.toMatchObject({ code: "ESERVFAIL" });
    const guard = createAddressGuard({ isAllowed: isPublicAddress, resolve: createDnsResolver([address]) });
    await expect(guard("pictures.example", never)).rejects.toMatchObject({ code: "reference_unreachable" });
  });

  it("stops asking a silent server when it is told to", async () => {
    const { address, asked } = await startDnsServer({ "pictures.example": { a: "silent", aaaa: "silent" } });
    const controller = new AbortController();
    const reason = new Error("enough");
    const pending = createDnsResolver([address])("pictures.example", controller.signal);
    await expect.poll(() => asked.length).toBeGreaterThan(0);
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    await expect(createDnsResolver([address])("pictures.example", controller.signal)).rejects.toBe(reason);
  });
});
