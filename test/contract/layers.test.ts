import { posix } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { nodesOf, parseTypeScript, typeScriptFiles } from "../support/project-files.js";

/** What the files of one place may import. Places are folders, ending in a slash, or files without their extension. */
type Layer = Readonly<{
  place: string;
  /** Our own code, at run time and for its types. */
  ours: readonly string[];
  /** Our own code, for its types alone. */
  types: readonly string[];
  /** npm packages by name; `any` where each file answers for itself. */
  packages: readonly string[] | "any";
  /** Node's own modules. */
  node: boolean;
}>;

const everything = ["src/", "catalog/", "models/", "native/", "deploy/", "client/", "page/", "test/"];

/** The first place that a file is in counts. */
const layers: readonly Layer[] = [
  { place: "src/domain/", ours: ["src/domain/"], types: [], packages: [], node: false },
  { place: "src/serving/", ours: ["src/domain/", "src/serving/"], types: [], packages: [], node: false },
  { place: "src/pipeline", ours: ["src/domain/"], types: ["src/serving/"], packages: [], node: false },
  {
    // The metric catalog is a table, and the place to look a metric up.
    place: "src/adapters/prometheus-metrics",
    ours: ["src/serving/metrics"],
    types: [],
    packages: ["prom-client"],
    node: false,
  },
  {
    place: "src/adapters/",
    ours: ["src/domain/", "src/adapters/"],
    types: ["src/serving/", "src/pipeline", "native/"],
    packages: "any",
    node: true,
  },
  {
    place: "src/http/",
    ours: ["src/domain/", "src/serving/", "src/http/"],
    types: ["src/pipeline"],
    packages: ["express", "zod"],
    node: true,
  },
  {
    // Draws answers, from wherever they come.
    place: "src/sheet/",
    ours: ["src/domain/", "src/sheet/", "deploy/load/html-text"],
    types: ["client/reply"],
    packages: ["sharp", "opentype.js"],
    node: true,
  },
  { place: "src/config", ours: ["src/config"], types: ["src/domain/"], packages: [], node: false },
  {
    // Puts an artifact to work, for the server and for the commands.
    place: "src/open-pipeline",
    ours: ["src/domain/", "src/serving/", "src/adapters/", "src/pipeline", "src/open-pipeline"],
    types: ["src/config"],
    packages: [],
    node: true,
  },
  { place: "src/main", ours: everything, types: [], packages: "any", node: true },
  { place: "src/cli/", ours: everything, types: [], packages: "any", node: true },
  {
    place: "catalog/",
    // A model that nobody has looked at is held against fp32 on the catalog's own pictures; V4's metadata is a pickle.
    ours: [
      ...["catalog/", "models/verify/", "models/checkpoint/pickle", "models/checkpoint/numpy-globals"],
      ...["src/domain/", "src/adapters/"],
    ],
    types: ["src/pipeline", "src/serving/", "native/"],
    packages: "any",
    node: true,
  },
  { place: "models/", ours: ["models/", "src/domain/", "src/adapters/"], types: [], packages: "any", node: true },
  {
    // What it needs of artifact and ranking it receives as functions.
    place: "deploy/",
    ours: ["deploy/", "client/", "src/config"],
    types: ["src/domain/"],
    packages: "any",
    node: true,
  },
  {
    // Whoever calls the service; answers and questions have the service's own types.
    place: "client/",
    ours: ["client/", "src/serving/clock"],
    types: ["src/domain/", "src/http/to-reply", "src/http/query-schema"],
    packages: "any",
    node: true,
  },
  { place: "native/", ours: [], types: [], packages: [], node: true },
  // Runs in the browser: what it knows of the service came over the wire.
  { place: "page/", ours: ["page/"], types: [], packages: [], node: false },
  { place: "test/", ours: everything, types: [], packages: "any", node: true },
];

const folders = ["src", "catalog", "models", "native", "deploy", "client", "page", "test"];
const files = folders.flatMap(typeScriptFiles);
const sources = files.filter((file) => !file.startsWith("test/"));

type Import = Readonly<{ from: string; to: string; typesOnly: boolean }>;

function isTypesOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  if (clause.name !== undefined || named === undefined || !ts.isNamedImports(named)) return false;
  return named.elements.length > 0 && named.elements.every((element) => element.isTypeOnly);
}

/** What a file names of the outside: imports, re-exports, `import()`, and scripts found by `new URL("./x.js", ...)`. */
function importsOf(file: string): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typesOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const isOurs = specifier.text.startsWith(".");
    const to = isOurs ? posix.join(posix.dirname(file), specifier.text).replace(/\.[jt]s$/, "") : specifier.text;
    found.push({ from: file, to, typesOnly });
  };
  for (const node of nodesOf(parseTypeScript(file))) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypesOnly(node));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    if (
      ts.isNewExpression(node) &&
      node.expression.getText() === "URL" &&
      /^"\.\.?\/[^"]*\.js"$/.test(node.arguments?.[0]?.getText() ?? "")
    ) {
      add(node.arguments?.[0], false);
    }
  }
  return found;
}

function isIn(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function isOurs(path: string): boolean {
  return isIn(path, everything);
}

/** What is wrong with an import, or null. */
function breach({ from, to, typesOnly }: Import): string | null {
  const layer = layers.find(({ place }) => from.startsWith(place));
  if (layer === undefined) return `${from} is in no layer`;
  if (to.startsWith("node:")) return layer.node ? null : `${from} imports ${to}: ${layer.place} keeps clear of Node`;
  if (!isOurs(to)) {
    if (layer.packages === "any" || layer.packages.includes(packageOf(to))) return null;
    return `${from} imports ${to}: ${layer.place} may import of packages only [${layer.packages.join(", ")}]`;
  }
  if (isIn(to, layer.ours) || (typesOnly && isIn(to, layer.types))) return null;
  const alsoTypes = layer.types.length === 0 ? "" : `, and types of [${layer.types.join(", ")}]`;
  return `${from} imports ${to}: ${layer.place} may import only [${layer.ours.join(", ")}]${alsoTypes}`;
}

describe("imports", () => {
  const imports = files.flatMap(importsOf);

  test("stay within the layers of CONTRIBUTING.md", () => {
    expect(imports.map(breach).filter((text) => text !== null)).toEqual([]);
  });

  test("of one adapter, the adapters it builds on included, reach one npm package at most", () => {
    const graph = new Map(files.map((file) => [file.replace(/\.ts$/, ""), importsOf(file)]));
    const reach = (file: string, seen: Set<string>): readonly string[] => {
      if (seen.has(file)) return [];
      seen.add(file);
      const atRunTime = (graph.get(file) ?? []).filter(({ typesOnly }) => !typesOnly);
      return atRunTime.flatMap(({ to }) => {
        if (to.startsWith("node:")) return [];
        return isOurs(to) ? reach(to, seen) : [packageOf(to)];
      });
    };
    const adapters = [...graph.keys()].filter((file) => file.startsWith("src/adapters/"));
    const reached = adapters.map((file) => ({ file, packages: [...new Set(reach(file, new Set()))] }));
    const mixed = reached.filter(({ packages }) => packages.length > 1);
    expect(mixed.map(({ file, packages }) => `${file}: ${packages.join(", ")}`)).toEqual([]);
  });

  test("are found by this test at all", () => {
    expect(importsOf("src/adapters/onnx-encoder-rung.ts").map(({ to }) => to)).toEqual(
      expect.arrayContaining(["src/domain/errors", "src/adapters/onnx-encoder-worker"]),
    );
    expect(breach({ from: "src/domain/a.ts", to: "node:fs", typesOnly: true })).toContain("keeps clear of Node");
    expect(breach({ from: "src/http/a.ts", to: "sharp", typesOnly: false })).toContain("[express, zod]");
    expect(breach({ from: "src/http/a.ts", to: "src/adapters/b", typesOnly: true })).toContain("src/adapters/b");
  });
});

/** Where a file says something of what only few may say, as `file:line`. */
function placesOf(isSaid: (node: ts.Node) => boolean, except: readonly string[]): readonly string[] {
  return sources
    .filter((file) => !isIn(file, except))
    .flatMap((file) => {
      const source = parseTypeScript(file);
      const said = [...nodesOf(source)].filter(isSaid);
      return said.map((node) => `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    });
}

/** `object.member`, of any member where none is named. */
function isMember(object: string, members?: readonly string[]): (node: ts.Node) => boolean {
  return (node) =>
    ts.isPropertyAccessExpression(node) &&
    node.expression.getText() === object &&
    (members === undefined || members.includes(node.name.text));
}

const clockFile = "src/serving/clock";

describe("what only few may touch", () => {
  test("the environment: the two entry points", () => {
    expect(placesOf(isMember("process", ["env"]), ["src/main", "src/cli/main"])).toEqual([]);
  });

  test("the clock: src/serving/clock.ts, and the page of its own browser", () => {
    const readsTime = (node: ts.Node) =>
      isMember("Date", ["now"])(node) ||
      isMember("performance", ["now"])(node) ||
      (ts.isNewExpression(node) && node.expression.getText() === "Date" && (node.arguments?.length ?? 0) === 0);
    expect(placesOf(readsTime, [clockFile, "page/ask"])).toEqual([]);
  });

  test("chance: nobody", () => {
    expect(placesOf(isMember("Math", ["random"]), [])).toEqual([]);
  });

  test("console: the commands", () => {
    expect(placesOf(isMember("console"), ["src/cli/"])).toEqual([]);
  });
});

test("no file is named after what it is made of instead of what it is for", () => {
  const vague = /(^|\/)(index|utils?|types|constants|helpers?|common|misc)\.ts$/;
  expect(files.filter((file) => vague.test(file))).toEqual([]);
});
