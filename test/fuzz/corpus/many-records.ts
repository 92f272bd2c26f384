import type { Random } from "../../../catalog/sample/seeded-random.js";
import { anyBytes, between, pick } from "../chance.js";
import { goodImage } from "./base-pictures.js";
import { type Family, posted } from "./hostile-request.js";

const good = JSON.stringify({ image: goodImage, top_k: 2 });

/** None of them has a line feed. */
function aRecord(random: Random): Buffer {
  const text = pick(random, [
    ...[good, good, "", " ", "\r", "null", "1", "[]", "{}", '"', '"AAAA"', '{"image":"!!"}', '{"image":', "nonsense"],
    ...[JSON.stringify(goodImage), '{"item_id":"nobody"}', '{"item_id":"__proto__"}', '{"top_k":-1}', "[".repeat(5000)],
    ...['{"image_url":"http://127.0.0.1/"}', '{"instances":[]}', `{"${"k".repeat(3000)}":1}`],
  ]);
  return random() < 0.1 ? Buffer.from(anyBytes(random, 40).filter((byte) => byte !== 10)) : Buffer.from(text);
}

const lines: Family = {
  name: "JSON Lines, good and bad",
  share: 40,
  pace: "quick",
  make: (random) => {
    const count = between(random, 1, 12);
    const records = Array.from({ length: count }, () => aRecord(random));
    const end = pick(random, ["\n", "\r\n"]);
    const body = Buffer.concat(records.flatMap((record) => [record, Buffer.from(end)]));
    const type = pick(random, ["application/jsonlines", "application/x-ndjson; charset=utf-8"]);
    return posted(`${count} lines`, type, body, { statuses: [200], records: { count, form: "lines" } });
  },
};

const blankLines: Family = {
  name: "JSON Lines of nothing but line ends",
  share: 10,
  pace: "quick",
  make: (random) => {
    const count = pick(random, [1, 2, 100, 3000]);
    const body = pick(random, ["\n", "\r\n", " \n"]).repeat(count);
    const records = { count, form: "lines" } as const;
    return posted(`${count} blank lines`, "application/jsonlines", body, { statuses: [200], records });
  },
};

/** What is no JSON on its own line is not told apart from its neighbors by other line ends. */
const strangeLineEnds: Family = {
  name: "JSON Lines with other line ends than line feeds",
  share: 10,
  pace: "quick",
  make: (random) => {
    const end = pick(random, ["\r", "\u2028", "\u0085", "\0", "\v", "\\n"]);
    const body = [good, good].join(end);
    const records = { count: 1, form: "lines" } as const;
    return posted(`lines between ${JSON.stringify(end)}`, "application/jsonlines", body, { statuses: [200], records });
  },
};

const instances: Family = {
  name: "lists of instances, good and bad",
  share: 30,
  pace: "quick",
  make: (random) => {
    const values = [
      "null",
      "1",
      "[]",
      "{}",
      good,
      '"AAAA"',
      '{"item_id":"nobody"}',
      '{"__proto__":1}',
      "[".repeat(99) + "]".repeat(99),
    ];
    const count = between(random, 0, 10);
    const body = `{"instances":[${Array.from({ length: count }, () => pick(random, values)).join(",")}]}`;
    const records = { count, form: "predictions" } as const;
    return posted(`${count} instances`, "application/json", body, { statuses: [200], records });
  },
};

const wrongLists: Family = {
  name: "lists of instances that are none",
  share: 10,
  pace: "quick",
  make: (random) => {
    const body = pick(random, [
      ...['{"instances":{}}', '{"instances":null}', '{"instances":"[]"}', '{"instances":[],"image":"AAAA"}', "[[]]"],
      ...[`{"instances":[${"0,".repeat(1000)}0]}`, '{"instances":[', '{"instances":[],"__proto__":[]}'],
    ]);
    return posted(body.slice(0, 40), "application/json", body, { statuses: [400, 422] });
  },
};

/** Many requests in one body. */
export const manyRecords: readonly Family[] = [lines, blankLines, strangeLineEnds, instances, wrongLists];
