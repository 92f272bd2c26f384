import { describe, expect, test } from "vitest";
import { knownModels } from "../../../../models/hub/known-models.js";
import { defaultFolderOf, isCommit, parseWanted } from "../../../../models/hub/parse-wanted.js";

describe("the wanted model", () => {
  test.each([
    ["vit-b-32", "openai/clip-vit-base-patch32"],
    ["clip-vit-base-patch32", "openai/clip-vit-base-patch32"],
    ["openai/clip-vit-base-patch32", "openai/clip-vit-base-patch32"],
    ["vit-l-14-336", "openai/clip-vit-large-patch14-336"],
    ["fashion-clip", "patrickjohncyh/fashion-clip"],
    ["laion-b-32", "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"],
  ])("%s is %s at the commit that the table pins", (id, repository) => {
    const model = knownModels.find((each) => each.repository === repository)!;
    expect(parseWanted(id, undefined)).toEqual({ value: { repository, revision: model.revision, known: model } });
  });

  test("is known no longer at another revision", () => {
    expect(parseWanted("vit-b-32", "main")).toEqual({
      value: { repository: "openai/clip-vit-base-patch32", revision: "main", known: null },
    });
  });

  test("of nobody's table is taken at main", () => {
    expect(parseWanted("a.b-c_d/E.9", undefined)).toEqual({
      value: { repository: "a.b-c_d/E.9", revision: "main", known: null },
    });
  });

  test.each([
    "",
    "clip",
    "a/b/c",
    "../b",
    "a/..",
    "a/.",
    "a/b/",
    "/b",
    "a//b",
    "a/b..c",
    "a/b--c",
    "a/b.git",
    "a/-b",
    "a/b?x",
    "a/b%2f",
    "a\\b/c",
    "a/b c",
    "a/b\n",
    `a/${"b".repeat(97)}`,
    "https://huggingface.co/a/b",
  ])("is not %j", (id) => {
    expect(parseWanted(id, undefined)).toEqual({
      problems: [expect.stringMatching(/is neither OWNER\/NAME of the hub/)],
    });
  });

  test.each(["main", "v1.0", "refs/pr/15", "feature/x_y+z", "a".repeat(40)])("may be at %s", (revision) => {
    expect(parseWanted("a/b", revision)).toEqual({ value: { repository: "a/b", revision, known: null } });
  });

  test.each([
    "",
    "..",
    "a..b",
    "a//b",
    "a/.b",
    "a/",
    ".a",
    "-a",
    "a b",
    "a?b",
    "a.lock",
    "a.",
    "a\n",
    "é",
    "a".repeat(251),
  ])("may not be at %j", (revision) => {
    expect(parseWanted("a/b", revision)).toEqual({
      problems: [expect.stringMatching(/is no branch, tag, ref or commit$/)],
    });
  });
});

test("the known models have names of their own, commits, and digests that can be one", () => {
  const names = knownModels.flatMap(({ name, aliases, repository }) => [name, ...aliases, repository]);
  expect(new Set(names).size).toBe(names.length);
  for (const { revision, weights, license } of knownModels) {
    expect(isCommit(revision)).toBe(true);
    expect(license).not.toBe("");
    expect(weights.sha256 ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("a model goes to a folder of its own name", () => {
  expect(defaultFolderOf("laion/CLIP-ViT-B-32-laion2B-s34B-b79K")).toBe("CLIP-ViT-B-32-laion2B-s34B-b79K");
});
