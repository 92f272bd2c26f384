import { type Artifact, readArtifact } from "../src/adapters/artifact-files.js";
import { withHeld } from "../src/adapters/generation-hold.js";
import type { CatalogItem } from "../src/domain/catalog.js";
import { toItemRecord } from "../src/domain/catalog-record.js";
import { toArtifactPath } from "./replace-artifact.js";

/** An item that both artifacts have, and what is different about it: members of its record, or `vector`. */
export type ChangedItem = Readonly<{ id: string; changes: readonly string[] }>;

/** What is different between two artifacts; ids in order. */
export type ArtifactDifference = Readonly<{
  added: readonly string[];
  removed: readonly string[];
  changed: readonly ChangedItem[];
  /** Items that are the same, to the last bit of their vector. */
  same: number;
  /** What is different about the artifacts as wholes, one sentence each. */
  parts: readonly string[];
}>;

/** Compares two verified artifacts; a store of generations is its current one. @throws Error with one line, as `readArtifact` */
export async function diffArtifacts(oldFolder: string, newFolder: string): Promise<ArtifactDifference> {
  return differenceOf(await readHeld(oldFolder), await readHeld(newFolder));
}

async function readHeld(path: string): Promise<Artifact> {
  return withHeld(await toArtifactPath(path), readArtifact);
}

function differenceOf(before: Artifact, after: Artifact): ArtifactDifference {
  const old = new Map(before.catalog.items.map((item) => [item.id, item]));
  const ids = new Set(after.catalog.items.map(({ id }) => id));
  const both = after.catalog.items.flatMap((item) => {
    const former = old.get(item.id);
    return former === undefined ? [] : [{ id: item.id, changes: changesOf(before, former, after, item) }];
  });
  const changed = both.filter(({ changes }) => changes.length > 0).sort(byId);
  return {
    added: [...ids].filter((id) => !old.has(id)).sort(),
    removed: [...old.keys()].filter((id) => !ids.has(id)).sort(),
    changed,
    same: both.length - changed.length,
    parts: partsOf(before, after),
  };
}

const byId = (one: ChangedItem, other: ChangedItem) => (one.id < other.id ? -1 : 1);

function changesOf(before: Artifact, former: CatalogItem, after: Artifact, item: CatalogItem): readonly string[] {
  const [old, record] = [toItemRecord(former), toItemRecord(item)];
  const names = (Object.keys(record) as (keyof typeof record)[]).filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(record[name]),
  );
  const isSameVector = Buffer.compare(vectorOf(before, former), vectorOf(after, item)) === 0;
  return isSameVector ? names : [...names, "vector"];
}

function vectorOf({ vectors, manifest: { dimension } }: Artifact, { row }: CatalogItem): Uint8Array {
  return new Uint8Array(vectors.buffer, vectors.byteOffset + row * dimension * 4, dimension * 4);
}

function partsOf(before: Artifact, after: Artifact): readonly string[] {
  const parts: readonly (readonly [string, (artifact: Artifact) => string | number | null])[] = [
    ["encoder", ({ manifest }) => manifest.encoderName],
    ["model", ({ manifest }) => `${manifest.encodedBy.model} ${manifest.encodedBy.digest.slice(0, 12)}`],
    ["preprocess", ({ manifest }) => manifest.preprocess],
    ["dimension", ({ manifest }) => manifest.dimension],
    ["index", ({ manifest }) => manifest.index],
    ["thumbnails", ({ manifest }) => manifest.thumbnails],
    ["rules", ({ rules }) => JSON.stringify(rules)],
  ];
  return parts.flatMap(([name, read]) => {
    const [old, now] = [read(before), read(after)];
    if (old === now) return [];
    return [name === "rules" ? "rules differ" : `${name} ${old} -> ${now}`];
  });
}
