import { generateKeyPairSync, sign } from "node:crypto";

/** One element of DER: its tag, its length, its parts. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(header), content]);
}

const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);
const bytes = (hex: string) => Buffer.from(hex, "hex");
const time = (text: string) => der(0x18, Buffer.from(text));
/** ecdsa-with-SHA256, commonName, subjectAltName, basicConstraints. */
const identifier = { signature: "2a8648ce3d040302", commonName: "550403", altName: "551d11", constraints: "551d13" };
const objectId = (name: keyof typeof identifier) => der(0x06, bytes(identifier[name]));

/** A key and a certificate for `hostname` that only itself vouches for, both in PEM. */
export function aCertificate(hostname: string): Readonly<{ key: string; cert: string }> {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = sequence(objectId("signature"));
  const name = sequence(der(0x31, sequence(objectId("commonName"), der(0x0c, Buffer.from(hostname)))));
  const altName = sequence(objectId("altName"), der(0x04, sequence(der(0x82, Buffer.from(hostname)))));
  const constraints = sequence(
    objectId("constraints"),
    der(0x01, bytes("ff")),
    der(0x04, sequence(der(0x01, bytes("ff")))),
  );
  const facts = sequence(
    der(0xa0, der(0x02, bytes("02"))),
    der(0x02, bytes("01")),
    algorithm,
    name,
    sequence(time("20200101000000Z"), time("20991231235959Z")),
    name,
    publicKey.export({ format: "der", type: "spki" }),
    der(0xa3, sequence(constraints, altName)),
  );
  const signature = sign("sha256", facts, privateKey);
  const certificate = sequence(facts, algorithm, der(0x03, bytes("00"), signature));
  const lines = certificate.toString("base64").replaceAll(/.{1,64}/g, "$&\n");
  return {
    key: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
  };
}
