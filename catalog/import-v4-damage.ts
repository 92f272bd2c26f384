/** What can be wrong with an artifact of V4, and what becomes of the items concerned. */
const damageKinds = {
  record_unreadable: ["records without an id or a category that an item may have", "left out"],
  counts_differ: ["items in categories with fewer or more vectors, so that none is anybody's (V4's D04)", "left out"],
  vectors_unnamed: ["vectors of categories that metadata.pkl does not have", "left out"],
  vector_not_finite: ["vectors with values that are not finite", "left out"],
  vector_zero: ["vectors of length zero", "left out"],
  vector_disagrees: ["items with one vector in embeddings.npz and another in the index", "left out"],
  vector_not_unit: ["vectors of another length than 1", "normalized"],
  index_disagrees: ["vectors more or fewer in the index than in embeddings.npz", "not looked at"],
  color_unread: ["items with their color under a name that V4 does not read, which took them for gray (D01)", "read"],
  color_missing: ["items without a color", "to be worked out from --images"],
  picture_missing: ["items without a picture below --images", "left with V4's color"],
  picture_unreadable: ["items with a picture that shows nothing", "left with V4's color"],
  item_colorless: ["items with neither a color nor a picture that shows one", "left out"],
  id_shared: ["items that share V4's id with others (D21)", "named by their paths, as catalog build does"],
  item_twice: ["items that are there a second time", "left out"],
} as const satisfies Record<string, readonly [what: string, outcome: string]>;

export type DamageKind = keyof typeof damageKinds;

/** How many items are concerned, and which the first ones are; `line` says it all to people. */
export type Damage = Readonly<{ kind: DamageKind; count: number; examples: readonly string[]; line: string }>;

export type DamageList = Readonly<{
  /** `count` for an example that stands for several. */
  add: (kind: DamageKind, example: string, count?: number) => void;
  /** In the order of `damageKinds`. */
  list: () => readonly Damage[];
}>;

const maxExamples = 5;

export function createDamageList(): DamageList {
  const found = new Map<DamageKind, { count: number; added: number; examples: string[] }>();
  return {
    add: (kind, example, count = 1) => {
      const known = found.get(kind) ?? { count: 0, added: 0, examples: [] };
      found.set(kind, known);
      known.count += count;
      known.added += 1;
      if (known.examples.length < maxExamples) known.examples.push(shownExample(example));
    },
    list: () =>
      (Object.keys(damageKinds) as DamageKind[]).flatMap((kind) => {
        const known = found.get(kind);
        if (known === undefined) return [];
        const { count, added, examples } = known;
        const [what, outcome] = damageKinds[kind];
        const some = `${examples.join("; ")}${added > examples.length ? "; ..." : ""}`;
        return [{ kind, count, examples, line: `${what}: ${count} ${outcome} (${some})` }];
      }),
  };
}

/** Ids and names come from outside and must stay on their line. */
function shownExample(example: string): string {
  return /[\p{Cc}\p{Cs}]/u.test(example) || example.length > 200 ? JSON.stringify(example.slice(0, 200)) : example;
}
