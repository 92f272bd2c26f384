import { itemTextRules } from "../src/domain/catalog-record.js";
import { type CategoryMap, createCategoryNames } from "./category-map.js";
import type { ItemLines } from "./item-lines.js";
import { type Joined, type MatchOptions, matchItemLines, type PlannedItem } from "./match-item-lines.js";
import { groupBy, toId } from "./picture-finder.js";
import type { Scan, Skipped } from "./scan-folder.js";

/** What will be built, in order of the ids, and what not. With a problem nothing should be built. */
export type Plan = Joined & Readonly<{ warnings: readonly string[] }>;

export type PlanOptions = Partial<Pick<MatchOptions, "imagesPrefix" | "takeUrl">>;

/**
 * Joins pictures and item lines. Without lines every picture in a folder is an item, named after its path. With lines
 * the lines are the catalog: a picture that none names is skipped, and so is a line with a picture neither there nor at a URL. `imagesPrefix`
 * leads from the items file to the pictures: a line's path may start at either.
 */
export function planItems(
  scan: Scan,
  itemLines: ItemLines | null,
  map: CategoryMap,
  { imagesPrefix = "", takeUrl }: PlanOptions = {},
): Plan {
  const names = createCategoryNames(map);
  const joined =
    itemLines === null
      ? fromFolders(scan, names.toCategory)
      : matchItemLines(scan.pictures, itemLines.lines, {
          ...{ toCategory: names.toCategory, imagesPrefix },
          ...(takeUrl === undefined ? {} : { takeUrl }),
        });
  const isKept = ({ path, category }: PlannedItem) => refusalOf(path, category) === null;
  const items = joined.items.filter(isKept).sort((one, other) => (one.id < other.id ? -1 : 1));
  const refused = joined.items
    .filter((item) => !isKept(item))
    .map(({ path, category }) => ({ path, reason: refusalOf(path, category)! }));
  return {
    items,
    skipped: sortByPath([...scan.skipped, ...joined.skipped, ...refused]),
    problems: [...(itemLines?.problems ?? []), ...joined.problems],
    warnings: [
      ...mergedWarnings(items, scan),
      ...names.unused().map((entry) => `the category map names "${entry}", which no folder or item has`),
      ...[...(itemLines?.unknownFields ?? [])].map(
        ([field, count]) => `field ${JSON.stringify(field)} of ${count} item lines is unknown and left out`,
      ),
    ],
  };
}

/** The one order of every list of skipped files: by path, in code units. */
export function sortByPath(skipped: readonly Skipped[]): readonly Skipped[] {
  return skipped.toSorted((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
}

function fromFolders({ pictures }: Scan, toCategory: (name: string, folder: string) => string): Joined {
  const items: PlannedItem[] = [];
  const skipped: Skipped[] = [];
  for (const { path, folderCategory, categoryFolder, aside } of pictures) {
    const id = toId(path);
    const reason = aside ?? (itemTextRules.id.accepts(id) ? null : "its path is too long to be an id");
    if (reason !== null || folderCategory === null) {
      skipped.push({ path, reason: reason ?? "no folder names its category" });
      continue;
    }
    const category = toCategory(folderCategory, categoryFolder);
    items.push({ id, category, path, gender: null, title: null, price: null, url: null, imageUrl: null });
  }
  const problems = [...findTwins(pictures)].map(
    ([id, each]) => `${each.map(({ path }) => path).join(" and ")} would have the same id "${id}"`,
  );
  return { items, skipped, problems };
}

/** Pictures that would have one id, by it. */
function findTwins(pictures: Scan["pictures"]): ReturnType<typeof groupBy<Scan["pictures"][number]>> {
  const [once, twice] = [new Set<string>(), new Set<string>()];
  const taken = pictures.filter(({ aside }) => aside === null);
  for (const { path } of taken) {
    const id = toId(path);
    (once.has(id) ? twice : once).add(id);
  }
  // Most often there are none: a list for each picture would take more memory than the items do.
  const twins = taken.filter(({ path }) => twice.has(toId(path)));
  return groupBy(twins, ({ path }) => toId(path));
}

/** Why an item could not be written so that it can be read again. */
function refusalOf(path: string, category: string): string | null {
  if (!itemTextRules.category.accepts(category)) return "its category's name is too long";
  return itemTextRules.path.accepts(path) ? null : "its path is too long";
}

/** V4 never saw pictures below the second level; here they count as the second level's, and it is said. */
function mergedWarnings(items: readonly PlannedItem[], { pictures }: Scan): readonly string[] {
  const taken = new Set(items.map(({ path }) => path));
  const deeper = pictures.filter(({ path, categoryFolder }) => {
    return taken.has(path) && !`/${folderOf(path)}`.endsWith(`/${categoryFolder}`);
  });
  return [...groupBy(deeper, ({ path }) => folderOf(path))].map(
    ([folder, each]) =>
      `${folder}/ is below the second level: its pictures (${each.length}) count as ${each[0]!.folderCategory}`,
  );
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
