import { anyBytes, between, pick } from "../chance.js";
import { basePictures, basesOf } from "./base-pictures.js";
import { type Family, posted } from "./hostile-request.js";

const noPicture = { statuses: [422] };

/** Each would read a file or ask a host of whoever draws it. */
const svgs: readonly string[] = [
  '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
  '<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="http://127.0.0.1:1/a.png"/></svg>',
  '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg><text>&x;</text></svg>',
  '<!DOCTYPE svg [<!ENTITY % d SYSTEM "http://169.254.169.254/latest/meta-data/">%d;]><svg/>',
  '<?xml-stylesheet href="http://127.0.0.1:1/a.css"?><svg><style>@import url(http://127.0.0.1:1/b.css);</style></svg>',
  '<svg><script href="http://127.0.0.1:1/a.js"/><foreignObject><iframe src="file:///etc/passwd"/></foreignObject></svg>',
  '<svg><use href="#a" id="a"/><use href="http://127.0.0.1:1/a.svg#b"/></svg>',
  `<!DOCTYPE s [<!ENTITY a "${"x".repeat(99)}"><!ENTITY b "${"&a;".repeat(99)}"><!ENTITY c "${"&b;".repeat(99)}">]><svg>&c;</svg>`,
];

const svgFiles: Family = {
  name: "SVGs with references to elsewhere",
  share: 20,
  pace: "quick",
  make: (random) => {
    const lead = pick(random, ["", "\uFEFF", " \n", "<!-- -->"]);
    const type = pick(random, ["image/svg+xml", "image/png", "application/octet-stream"]);
    return posted(`an SVG as ${type}`, type, lead + pick(random, svgs), noPicture);
  },
};

/** First bytes of formats that libraries under us could open, were they asked to. */
const magics: readonly string[] = [
  ...["BM", "8BPS", "%PDF-1.7\n", "%!PS-Adobe-3.0 EPSF", "\0\0\x01\0\x01\0", "v/1\x01", "#?RADIANCE\n"],
  ...[
    "MATLAB 5.0 MAT-file",
    "SIMPLE  =                    T",
    "\xff\x0a",
    "\0\0\0\x0cJXL \r\n\x87\n",
    "P6\n9 9\n255\n",
  ],
  ...[
    "\0\0\0\x0cjP  \r\n\x87\n",
    "qoif",
    "gimp xcf file\0",
    "\xd7\xcd\xc6\x9a",
    "\x01fcp",
    "PK\x03\x04",
    "\x1f\x8b\x08",
  ],
  ...[
    "\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    "push graphic-context\n",
    "RIFF\0\0\0\0WAVE",
  ],
];

const foreignFiles: Family = {
  name: "files of formats that are not read",
  share: 20,
  pace: "quick",
  make: (random) => {
    const magic = pick(random, magics);
    const body = Buffer.concat([Buffer.from(magic, "latin1"), anyBytes(random, between(random, 0, 600))]);
    return posted(`a file that begins with ${JSON.stringify(magic)}`, "application/octet-stream", body, noPicture);
  },
};

const page = "<html><script>alert(1)</script><?php system($_GET[0]); ?></html>";
const emptyZip = Buffer.from(`PK\x05\x06${"\0".repeat(18)}`, "latin1");

/** Something else behind a picture, or in a comment inside it; and something else in front, which makes it none. */
const polyglots: Family = {
  name: "files of two kinds at once",
  share: 30,
  pace: "quick",
  make: (random) => {
    const guest = pick(random, [
      Buffer.from(page),
      emptyZip,
      Buffer.from("%PDF-1.7\n%%EOF"),
      Buffer.from("#!/bin/sh\n"),
    ]);
    const place = pick(random, ["behind", "inside", "in front"]);
    const picture = place === "inside" ? pick(random, basesOf("jpeg")) : pick(random, basePictures);
    const { format, type, bytes } = picture;
    const comment = Buffer.from([0xff, 0xfe, 0, guest.length + 2]);
    const body = {
      behind: Buffer.concat([bytes, guest]),
      inside: Buffer.concat([bytes.subarray(0, 2), comment, guest, bytes.subarray(2)]),
      "in front": Buffer.concat([guest, bytes]),
    }[place]!;
    return posted(
      `${format} with a guest ${place}`,
      type,
      body,
      place === "in front" ? noPicture : { statuses: [200] },
    );
  },
};

/** Files that are no pictures of ours, or not only. */
export const foreignFormats: readonly Family[] = [svgFiles, foreignFiles, polyglots];
