import fc from "fast-check";
import { expect, test } from "vitest";
import { parseArtifactManifest, parseCalibration } from "../../../src/domain/artifact.js";
import type { CatalogItem } from "../../../src/domain/catalog.js";
import { parseItemRecord, toItemRecord } from "../../../src/domain/catalog-record.js";
import { type Swatch, toSwatch } from "../../../src/domain/color.js";
import { anArtifactManifest, anItem } from "../../support/an-artifact.js";

const runs = { numRuns: 300 };

const texts = fc
  .string({ minLength: 1, maxLength: 30, unit: "grapheme" })
  .filter((text) => [...text].length <= 32 && !/[\p{Cc}\p{Cs}]/u.test(text));
const optional = fc.option(texts, { nil: null });
const channel = fc.integer({ min: 0, max: 255 });
const colors = fc.tuple(channel, channel, channel);

const palettes = fc
  .array(fc.tuple(colors, fc.integer({ min: 1, max: 1000 })), { minLength: 1, maxLength: 5 })
  .map((entries) => {
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    const ordered = entries.toSorted(([, one], [, other]) => other - one);
    return ordered.map(([rgb, weight]) => toSwatch(rgb, weight / total)) as [Swatch, ...Swatch[]];
  });

const items: fc.Arbitrary<CatalogItem> = fc.record({
  row: fc.nat(),
  id: texts,
  category: optional,
  gender: optional,
  path: optional,
  meanColor: colors,
  palette: palettes,
  title: optional,
  price: optional,
  url: fc.option(fc.webUrl(), { nil: null }),
  imageUrl: fc.option(
    fc.webPath().filter((path) => path !== ""),
    { nil: null },
  ),
});

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test("the item that was written is the item that is read", () => {
  fc.assert(
    fc.property(items, (item) => {
      expect(parseItemRecord(throughJson(toItemRecord(item)), item.row)).toEqual({ value: item });
    }),
    runs,
  );
});

test("the calibration that was written is the one that is read", () => {
  const number = fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => value || 0);
  fc.assert(
    fc.property(number, number, fc.nat({ max: 1_000_000 }), (intercept, slope, samples) => {
      const calibration = { intercept, slope, samples };
      expect(parseCalibration(throughJson(calibration))).toEqual({ value: calibration });
    }),
    runs,
  );
});

test("no parser throws, whatever it is given", () => {
  fc.assert(
    fc.property(fc.anything(), fc.constantFrom(...Object.keys(anArtifactManifest())), (value, field) => {
      for (const each of [value, anArtifactManifest({ [field]: value }), { ...toItemRecord(anItem()), id: value }]) {
        parseArtifactManifest(each);
        parseCalibration(each);
        parseItemRecord(each, 0);
      }
    }),
    runs,
  );
});

test("no JSON text passes as an item unless it says everything an item must", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect("problems" in parseItemRecord(JSON.parse(text), 0)).toBe(true);
    }),
    runs,
  );
});

test("any one field taken away is named", () => {
  const record = toItemRecord(anItem());
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(record)), (field) => {
      const parsed = parseItemRecord(throughJson({ ...record, [field]: undefined }), 0);
      expect("problems" in parsed && parsed.problems.every((problem) => problem.startsWith(field))).toBe(true);
    }),
  );
});
