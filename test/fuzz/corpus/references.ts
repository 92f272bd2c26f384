import { pick } from "../chance.js";
import { type Family, posted } from "./hostile-request.js";

/** Spellings of hosts that a server can reach and its callers should not. */
const insideHosts: readonly string[] = [
  ...[
    "127.0.0.1",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "0.0.0.0",
    "0",
    "127.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
  ],
  ...[
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[fe80::1]",
    "[fd00::1]",
    "[64:ff9b::7f00:1]",
    "10.0.0.1",
  ],
  ...["169.254.169.254", "[::ffff:a9fe:a9fe]", "169.254.170.2", "192.168.0.1", "172.16.0.1", "100.64.0.1", "224.0.0.1"],
  ...[
    "127.0.0.1.",
    "①②⑦.0.0.1",
    "localhost%00.example.com",
    "example.com@127.0.0.1",
    "127.0.0.1#@example.com",
    "127.0.0.1\\@a.b",
  ],
];
const schemes: readonly string[] = [
  "http",
  "https",
  "file",
  "gopher",
  "ftp",
  "data",
  "javascript",
  "s3",
  "HTTP",
  "http:",
  "//",
  "",
];
const tails: readonly string[] = [
  "",
  "/",
  "/latest/meta-data/",
  ":1/a.png",
  ":80/../../etc/passwd",
  "/a?b=c#d",
  ":99999/",
  "/%0d%0aHost:%20a",
];

const urls: Family = {
  name: "addresses of pictures inside the house",
  share: 40,
  pace: "quick",
  make: (random) => {
    const image_url = `${pick(random, schemes)}://${pick(random, insideHosts)}${pick(random, tails)}`;
    return posted(image_url, "application/json", JSON.stringify({ image_url }), { statuses: [403, 422] });
  },
};

const keys: readonly string[] = [
  "../../secrets",
  "a/../../b",
  "",
  "/",
  "\0",
  "%2e%2e/x",
  "a\nb",
  "x".repeat(2000),
  "photos/../private/a.png",
];

const s3Addresses: Family = {
  name: "S3 addresses that nobody allowed",
  share: 15,
  pace: "quick",
  make: (random) => {
    const bucket = pick(random, ["a-bucket", "..", "", "UPPER", "a_b", "127.0.0.1", "arn:aws:s3:::b", "b@c", "b:80"]);
    const image_s3_uri = `${pick(random, ["s3://", "S3://", "s3:/", "https://s3.amazonaws.com/", ""])}${bucket}/${pick(random, keys)}`;
    return posted(image_s3_uri.slice(0, 60), "application/json", JSON.stringify({ image_s3_uri }), {
      statuses: [403, 422],
    });
  },
};

/** Where a server could be led to look for a picture. */
export const references: readonly Family[] = [urls, s3Addresses];
