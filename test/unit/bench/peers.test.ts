import { expect, test } from "vitest";
import { readProjectFile } from "../../support/project-files.js";

type Locked = Readonly<{ version: string; resolved?: string; optionalDependencies?: Readonly<Record<string, string>> }>;
type LockFile = Readonly<{ packages: Readonly<Record<string, Locked>> }>;

const ours: LockFile = JSON.parse(readProjectFile("package-lock.json"));
const peers: LockFile = JSON.parse(readProjectFile("test/bench/peers/package-lock.json"));

test("peers are pinned, and locked without the address of anybody's registry", () => {
  const { dependencies } = JSON.parse(readProjectFile("test/bench/peers/package.json"));
  for (const [name, version] of Object.entries(dependencies)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(peers.packages[`node_modules/${name}`]?.version).toBe(version);
  }
  expect(Object.values(peers.packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

test("peers are locked for every platform: `npm ci` refuses a lock file that lacks one", () => {
  const wanted = Object.entries(peers.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => [`${path}/node_modules/${name}`, `node_modules/${name}`]),
  );
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((places) => places.every((place) => peers.packages[place] === undefined))).toEqual([]);
});

// Otherwise a ratio would compare versions of somebody else's code.
test.each(["onnxruntime-node", "sharp"])("a peer runs on the same %s as we do", (name) => {
  const path = `node_modules/${name}`;
  expect(peers.packages[path]?.version).toBe(ours.packages[path]?.version);
});

test("no peer is installed with the project", () => {
  expect(ours.packages["node_modules/@huggingface/transformers"]).toBeUndefined();
});
