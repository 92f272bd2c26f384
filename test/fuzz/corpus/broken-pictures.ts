import { anyBytes, between, pick, withFlippedBits } from "../chance.js";
import { basePictures } from "./base-pictures.js";
import { type Family, posted } from "./hostile-request.js";

/** What a picture may be that is broken somewhere: still a picture, or none. */
const pictureOrNot = { statuses: [200, 422] };
const noPicture = { statuses: [422] };

const eighths = 8;

const truncations: Family = {
  name: "pictures cut short at every eighth",
  share: 70,
  pace: "quick",
  make: (random) => {
    const { format, type, bytes } = pick(random, basePictures);
    const kept = between(random, 0, eighths - 1);
    const body = bytes.subarray(0, Math.floor((bytes.length * kept) / eighths));
    const expects = kept === 0 ? { statuses: [400] } : pictureOrNot;
    return posted(`${format} cut at ${kept}/${eighths}`, type, body, expects);
  },
};

const mostFlips = 24;

const bitFlips: Family = {
  name: "pictures with bits turned over",
  share: 130,
  pace: "quick",
  make: (random) => {
    const { format, type, bytes } = pick(random, basePictures);
    const flips = between(random, 1, mostFlips);
    return posted(`${format} with ${flips} flips`, type, withFlippedBits(random, bytes, flips), pictureOrNot);
  },
};

/** The first bytes alone are where sizes and tables are told. */
const headerFlips: Family = {
  name: "pictures with bits of the header turned over",
  share: 60,
  pace: "quick",
  make: (random) => {
    const { format, type, bytes } = pick(random, basePictures);
    const head = withFlippedBits(random, bytes.subarray(0, 128), between(random, 1, 4));
    const body = Buffer.concat([head, bytes.subarray(128)]);
    return posted(`${format} with a changed header`, type, body, pictureOrNot);
  },
};

const spliced: Family = {
  name: "pictures put together from two",
  share: 30,
  pace: "quick",
  make: (random) => {
    const [first, second] = [pick(random, basePictures), pick(random, basePictures)];
    const share = random();
    const cut = (bytes: Buffer) => Math.floor(bytes.length * share);
    const body = Buffer.concat([first.bytes.subarray(0, cut(first.bytes)), second.bytes.subarray(cut(second.bytes))]);
    return posted(`${first.format} that goes on as ${second.format}`, first.type, body, {
      statuses: share === 0 ? [200, 400, 422] : [200, 422],
    });
  },
};

const wrongMagic: Family = {
  name: "pictures with another format's first bytes",
  share: 30,
  pace: "quick",
  make: (random) => {
    const [picture, other] = [pick(random, basePictures), pick(random, basePictures)];
    const magicBytes = between(random, 2, 16);
    const body = Buffer.concat([other.bytes.subarray(0, magicBytes), picture.bytes.subarray(magicBytes)]);
    return posted(`${picture.format} that begins as ${other.format}`, picture.type, body, pictureOrNot);
  },
};

const wrongType: Family = {
  name: "pictures under another type",
  share: 20,
  pace: "quick",
  make: (random) => {
    const { format, bytes } = pick(random, basePictures);
    const type = pick(random, ["image/svg+xml", "image/bmp", "image/x-nothing", "application/octet-stream"]);
    return posted(`${format} as ${type}`, type, bytes, { statuses: [200] });
  },
};

const zeroBytes: Family = {
  name: "bodies of zero bytes",
  share: 15,
  pace: "quick",
  make: (random) => {
    const count = pick(random, [0, 1, 2, 11, 12, 13, 512, 65_536]);
    const type = pick(random, ["image/png", "application/octet-stream", "application/json"]);
    const expects = type === "application/json" || count === 0 ? { statuses: [400] } : noPicture;
    return posted(`${count} zeros as ${type}`, type, new Uint8Array(count), expects);
  },
};

const noise: Family = {
  name: "bodies of any bytes",
  share: 25,
  pace: "quick",
  make: (random) => {
    const body = anyBytes(random, between(random, 1, 4096));
    const type = pick(random, ["image/jpeg", "application/octet-stream", "application/json"]);
    const statuses = type === "application/json" ? [400, 422] : [422];
    return posted(`${body.length} bytes as ${type}`, type, body, { statuses });
  },
};

/** Pictures that once were right. */
export const brokenPictures: readonly Family[] = [
  ...[truncations, bitFlips, headerFlips, spliced, wrongMagic, wrongType, zeroBytes, noise],
];
