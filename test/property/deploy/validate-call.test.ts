import fc from "fast-check";
import { expect, test } from "vitest";
import { readServiceModel, type ServiceModel, type Shape } from "../../../deploy/models/service-model.js";
import { validateCall } from "../../../deploy/models/validate-call.js";
import { type ServiceName, serviceNames } from "../../../deploy/planned-call.js";

type Values = Readonly<Record<string, unknown>>;

/** What fast-check cannot write from a pattern, because of a look behind or ahead. */
const samples: Readonly<Record<string, readonly string[]>> = {
  "(arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:[a-z\\-]*\\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)(\\/[0-9]{1,9})?":
    ["look", "look/1"],
  "(?!\\s*$).+": ["an alarm", "x"],
  "/(?!.*\\.\\.)[a-zA-Z0-9/_.\\-]+": ["/metrics", "/a/b.c"],
};

/** Any text that a shape allows, by patterns that mean what they say to `fc.stringMatching`. */
function texts({ enum: words, pattern, min = 0, max = 40 }: Extract<Shape, { type: "string" }>): fc.Arbitrary<string> {
  if (words !== undefined) return fc.constantFrom(...words);
  const size = { minLength: min, maxLength: Math.max(min, Math.min(max, 40)) };
  if (pattern === undefined) return fc.string(size);
  const known = samples[pattern];
  if (known !== undefined) return fc.constantFrom(...known);
  const written = /\\p\{|\\u[dD]/.test(pattern)
    ? fc.string({ unit: fc.constantFrom(..."aZ09_.:/"), ...size })
    : fc.stringMatching(new RegExp(`^(?:${pattern.replace(/^\^|\$$/g, "")})$`), { size: "-1" });
  return written.filter((text) => [...text].length >= min && [...text].length <= max);
}

/** Any value of a shape, with few entries and only so deep: beyond that only what must be there. */
function valuesOf(shapes: ServiceModel["shapes"], name: string, depth: number): fc.Arbitrary<unknown> {
  const shape = shapes[name]!;
  switch (shape.type) {
    case "structure":
      return structures(shapes, shape, depth);
    case "list": {
      const minLength = shape.min ?? 0;
      const maxLength = depth > 0 ? Math.min(shape.max ?? 2, minLength + 2) : minLength;
      return fc.array(valuesOf(shapes, shape.member, depth - 1), { minLength, maxLength });
    }
    case "map": {
      const minKeys = shape.min ?? 0;
      const keys = valuesOf(shapes, shape.key, 0) as fc.Arbitrary<string>;
      return fc.dictionary(keys, valuesOf(shapes, shape.value, depth - 1), { minKeys, maxKeys: minKeys + 2 });
    }
    case "string":
      return texts(shape);
    case "boolean":
      return fc.boolean();
    case "timestamp":
      return fc.date({ noInvalidDate: true });
    case "blob":
      return fc.uint8Array({ minLength: shape.min ?? 0, maxLength: (shape.min ?? 0) + 8 });
    case "integer":
    case "long":
      return fc.integer({ min: shape.min ?? 0, max: Math.min(shape.max ?? 2 ** 31 - 1, 2 ** 31 - 1) });
    default:
      return fc.double({ min: shape.min ?? 0, max: shape.max ?? 1e9, noNaN: true });
  }
}

function structures(
  shapes: ServiceModel["shapes"],
  { members, required = [], union }: Extract<Shape, { type: "structure" }>,
  depth: number,
): fc.Arbitrary<Values> {
  const names = Object.keys(members).filter((name) => depth > 0 || required.includes(name));
  const all = Object.fromEntries(names.map((name) => [name, valuesOf(shapes, members[name]!, depth - 1)]));
  if (union) return fc.oneof(...names.map((name) => fc.record({ [name]: all[name]! })));
  return fc.record(all, { requiredKeys: required as string[] }) as fc.Arbitrary<Values>;
}

const operations = serviceNames.flatMap((service) =>
  Object.entries(readServiceModel(service).operations).flatMap(([operation, shape]) =>
    shape === null ? [] : [{ service, operation, shape }],
  ),
);

function inputs(service: ServiceName, shape: string): fc.Arbitrary<Values> {
  return valuesOf(readServiceModel(service).shapes, shape, 3) as fc.Arbitrary<Values>;
}

test.each(operations)("$service $operation takes whatever its model allows, and says what is gone", (each) => {
  const { service, operation, shape } = each;
  const { required = [] } = readServiceModel(service).shapes[shape] as Extract<Shape, { type: "structure" }>;
  fc.assert(
    fc.property(inputs(service, shape), (input) => {
      expect(validateCall({ service, operation, input })).toEqual([]);
      for (const name of required) {
        const { [name]: _, ...rest } = input;
        expect(validateCall({ service, operation, input: rest })).toEqual([
          `${service} ${operation}: ${name} is missing`,
        ]);
      }
      expect(validateCall({ service, operation, input: { ...input, NoSuchMember: 1 } })).toEqual([
        `${service} ${operation}: NoSuchMember is not a member`,
      ]);
    }),
    { numRuns: 60 },
  );
});

test("any value at all gives problems or none, and never throws", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...operations),
      fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true })),
      (each, input) => {
        const { service, operation } = each;
        for (const problem of validateCall({ service, operation, input })) {
          expect(problem).toMatch(/^\S+ \S+: /);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a wrong value deep inside is found by its path", () => {
  const anything = fc.anything().filter((value) => value !== undefined && typeof value !== "string");
  fc.assert(
    fc.property(fc.array(fc.constant({ Key: "k", Value: "v" }), { maxLength: 5 }), anything, (tags, wrong) => {
      const Tags = [...tags, { Key: "k", Value: wrong }];
      const problems = validateCall({
        service: "sagemaker",
        operation: "AddTags",
        input: { ResourceArn: "arn:aws:sagemaker:us-east-1:123456789012:model/look", Tags },
      });
      expect(problems).toEqual([expect.stringContaining(`Tags[${tags.length}].Value must be text, not `)]);
    }),
    { numRuns: 200 },
  );
});
