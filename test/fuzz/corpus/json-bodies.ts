import type { Random } from "../../../catalog/sample/seeded-random.js";
import { anyBytes, between, pick } from "../chance.js";
import { goodImage } from "./base-pictures.js";
import { type Expectation, type Family, type HostileRequest, posted } from "./hostile-request.js";

const malformed = { statuses: [400] };
const refused = { statuses: [400, 422] };
const anything = { statuses: [200, 400, 403, 422] };

function asJson(name: string, body: Uint8Array | string, expects: Expectation): HostileRequest {
  return posted(name, "application/json", body, expects);
}

/** Objects or lists inside each other, closed or not, alone or where a value belongs. */
const deepJson: Family = {
  name: "deeply nested JSON",
  share: 40,
  pace: "quick",
  make: (random) => {
    const depth = pick(random, [10, 1000, 20_000, 60_000]);
    const [open, close] = pick(random, [
      ["[", "]"],
      ['{"a":', "}"],
      ['{"__proto__":', "}"],
      ['[{"image":', "}]"],
    ] as const);
    const nested = open.repeat(depth) + (random() < 0.2 ? "" : `1${close.repeat(depth)}`);
    const field = pick(random, [null, "image", "exclude_ids", "embedding", "color_rgb", "gender", "unknown"]);
    const body = field === null ? nested : `{"item_id":"a","${field}":${nested}}`;
    return asJson(`${depth} times ${open} as ${field ?? "the body"}`, body, refused);
  },
};

const duplicateKeys: Family = {
  name: "JSON with one key many times",
  share: 20,
  pace: "quick",
  make: (random) => {
    const count = pick(random, [2, 10, 5000]);
    const values = ['"AAAA"', "null", "1", "[]", `"${goodImage}"`];
    const key = pick(random, ["image", "top_k", "gender", "explain", "\\u0069mage"]);
    const pairs = Array.from({ length: count }, () => `"${key}":${pick(random, values)}`);
    const image = random() < 0.5 ? [`"image":"${goodImage}"`] : [];
    return asJson(`${count} times ${key}`, `{${[...image, ...pairs].join(",")}}`, { statuses: [200, 400, 422] });
  },
};

/** Overlong, cut short, surrogates, beyond the last plane; and other encodings than UTF-8. */
const wrongBytes: readonly (readonly number[])[] = [
  ...[
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf8, 0x88, 0x80],
  ],
  ...[[0x80], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xff], [0xfe, 0xff]],
];

const invalidUtf8: Family = {
  name: "JSON in no UTF-8",
  share: 30,
  pace: "quick",
  make: (random) => {
    const place = pick(random, ["a value", "a key", "the start", "the end"]);
    const wrong = Buffer.from(pick(random, wrongBytes));
    const around = {
      "a value": ['{"item_id":"', '"}'],
      "a key": ['{"', '":1,"item_id":"a"}'],
      "the start": ["", '{"item_id":"a"}'],
      "the end": ['{"item_id":"a"}', ""],
    }[place]!;
    const body = Buffer.concat([Buffer.from(around[0]!), wrong, Buffer.from(around[1]!)]);
    return asJson(`${wrong.toString("hex")} in ${place}`, body, malformed);
  },
};

const otherEncodings: Family = {
  name: "JSON in other encodings, and marks of their order",
  share: 10,
  pace: "quick",
  make: (random) => {
    const text = `{"image":"${goodImage}","category":"caf\u00e9"}`;
    const encoding = pick(random, ["utf16le", "latin1", "utf-8 with a mark", "utf-32"]);
    const body =
      encoding === "utf-32"
        ? Buffer.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0]))
        : encoding === "utf-8 with a mark"
          ? Buffer.from(`\uFEFF${text}`)
          : Buffer.from(text, encoding as BufferEncoding);
    return asJson(encoding, body, encoding === "utf-8 with a mark" ? { statuses: [200, 400] } : malformed);
  },
};

const wrongBase64: readonly string[] = [
  ...[
    "",
    "=",
    "====",
    "!!!!",
    "%%%%",
    "A",
    "\u0000",
    "\ud800",
    "\u{1F600}",
    "AAAA",
    "AA=A",
    "data:",
    "data:,",
    "data:;base64",
  ],
  ...["data:image/png;base64,", "data:image/png,AAAA", "data:image/png;charset=x;base64,////", "DATA:;BASE64,!!"],
  ...[
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:;base64,data:;base64,AAAA",
    "file:///etc/passwd",
    "https://localhost/a",
  ],
];

const badBase64: Family = {
  name: "pictures in bad base64",
  share: 40,
  pace: "quick",
  make: (random) => {
    if (random() < 0.4) {
      return asJson("wrong base64", JSON.stringify({ image: pick(random, wrongBase64) }), refused);
    }
    const at = between(random, 0, goodImage.length - 1);
    const wrong = pick(random, ["=", "!", "\u0000", "\n", "\u2028", goodImage, "-_"]);
    const image = goodImage.slice(0, at) + wrong + goodImage.slice(at + between(random, 0, 3));
    // Padding ends base64: before the second letter it leaves no byte to read.
    const statuses = at < 2 && wrong === "=" ? [400] : [200, 422];
    return asJson("base64 with a stranger", JSON.stringify({ image }), { statuses });
  },
};

/** As JSON writes them; not all are JSON. */
const numbers: readonly string[] = [
  ...[
    "0",
    "-0",
    "-1",
    "1.5",
    "1e400",
    "-1e400",
    "1e-400",
    "9007199254740993",
    "18446744073709551616",
    "1e21",
    "2147483648",
  ],
  ...[
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "01",
    "+1",
    ".5",
    "5.",
    "1e",
    "1_000",
    "1n",
    `1${"0".repeat(5000)}`,
    "0e99999999",
  ],
];

const wildNumbers: Family = {
  name: "numbers out of range",
  share: 60,
  pace: "quick",
  make: (random) => {
    const number = pick(random, numbers);
    const field = pick(random, ["top_k", "n_recommendations", "items_per_category", "embedding", "color_rgb"]);
    const value = { embedding: `[${number},1]`, color_rgb: `[${number},0,256]` }[field] ?? number;
    const source = field === "embedding" ? '"mode":"similar"' : `"image":"${goodImage}"`;
    return asJson(`${field} of ${number.slice(0, 20)}`, `{${source},"${field}":${value}}`, {
      statuses: [200, 400, 422],
    });
  },
};

const wildEmbeddings: Family = {
  name: "embeddings of any length and size",
  share: 20,
  pace: "quick",
  make: (random) => {
    const length = pick(random, [0, 1, 2, 7, 511, 513, 16_384, 16_385, 60_000]);
    const value = pick(random, ["1", "0", "1e39", "-1e308", "1e-46", '"1"', "null", "[1]"]);
    const embedding = `[${Array.from({ length }, () => value).join(",")}]`;
    const color = pick(random, ["[1,2,3]", "[1,2]", "[1,2,3,4]", "[-1,0,0]", "[1.5,0,0]", "null", '"red"']);
    return asJson(`${length} times ${value}`, `{"embedding":${embedding},"color_rgb":${color}}`, refused);
  },
};

const ownNames: readonly string[] = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "__defineGetter__", "then"],
];

/** Names that every object has already: as keys of the body, and as values that are looked up somewhere. */
const prototypeKeys: Family = {
  name: "names that every object has",
  share: 50,
  pace: "quick",
  make: (random) => {
    const name = pick(random, ownNames);
    const polluted = pick(random, ['{"top_k":1,"status":200}', '{"isAdmin":true}', "null", "[]", '"x"', "1"]);
    const body = pick(random, [
      `{"image":"${goodImage}","${name}":${polluted}}`,
      `{"image":"${goodImage}","constructor":{"prototype":${polluted}}}`,
      `{"item_id":"${name}"}`,
      `{"image":"${goodImage}","category":"${name}"}`,
      `{"image":"${goodImage}","category":"${name}","mode":"similar"}`,
      `{"image":"${goodImage}","gender":"${name}"}`,
      `{"image":"${goodImage}","profile":"${name}"}`,
      `{"image":"${goodImage}","exclude_ids":["${name}","__proto__"]}`,
    ]);
    return asJson(`${name} in ${body.slice(-60)}`, body, { statuses: [200, 400, 422] });
  },
};

const anyValues: readonly string[] = [
  ...[
    "null",
    "true",
    "false",
    "0",
    "1",
    '""',
    '"a"',
    "[]",
    "{}",
    "[null]",
    '[[""]]',
    '{"length":3}',
    '"\\u0000"',
    '"\\ud83d"',
  ],
];
const fields: readonly string[] = [
  ...["image", "image_s3_uri", "image_url", "item_id", "embedding", "color_rgb", "top_k", "n_recommendations", "mode"],
  ...["items_per_category", "gender", "category", "exclude_ids", "profile", "explain", "min_score", "instances"],
];

/** Every field there is, with whatever JSON has. */
const wrongTypes: Family = {
  name: "fields of any type",
  share: 50,
  pace: "quick",
  make: (random) => {
    const chosen = Array.from({ length: between(random, 1, 5) }, () => pick(random, fields));
    const pairs = chosen.map((field) => `"${field}":${pick(random, anyValues)}`);
    return asJson(`${chosen.join(", ")} of any type`, `{${pairs.join(",")}}`, anything);
  },
};

const brokenJson: Family = {
  name: "JSON cut short or with bytes changed",
  share: 40,
  pace: "quick",
  make: (random) => {
    const whole = Buffer.from(
      `{"item_id":"nobody","top_k":3,"exclude_ids":["a","b"],"gender":"female","explain":true}`,
    );
    if (random() < 0.3) {
      return asJson("cut short", whole.subarray(0, between(random, 1, whole.length - 1)), malformed);
    }
    const at = between(random, 0, whole.length - 1);
    whole.set(anyBytes(random, 1), at);
    return asJson(`a byte changed at ${at}`, whole, anything);
  },
};

const blank = (random: Random) => pick(random, [" ", "\t", "\r", "\n"]);

const longTexts: Family = {
  name: "very long names and texts",
  share: 15,
  pace: "quick",
  make: (random) => {
    const text = pick(random, ["x", "\\u0000", "\\\\", '\\"', "\u2028", "\ud83d\ude00"]).repeat(
      between(random, 500, 60_000),
    );
    const body = pick(random, [
      `{"item_id":"${text}"}`,
      `{"${text}":1}`,
      `{"image":"${goodImage}","category":"${text}"}`,
      `{"image":"${goodImage}","exclude_ids":["${text}"]}`,
      `{"image":"${goodImage}",${Array.from({ length: 5000 }, (_, at) => `"k${at}":0`).join(",")}}`,
      `{"item_id":"a","exclude_ids":[${"0,".repeat(60_000)}0]}`,
      `${blank(random).repeat(200_000)}{}`,
    ]);
    return asJson(`${body.length} letters`, body, { statuses: [200, 400, 422] });
  },
};

/** What is wrong with a body of JSON. */
export const jsonBodies: readonly Family[] = [
  ...[deepJson, duplicateKeys, invalidUtf8, otherEncodings, badBase64, wildNumbers, wildEmbeddings, prototypeKeys],
  ...[wrongTypes, brokenJson, longTexts],
];
