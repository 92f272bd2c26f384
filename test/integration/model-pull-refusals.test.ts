import { readdir } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { findKnownModel } from "../../models/hub/known-models.js";
import { aPull, sha256Of, someBytes, someFiles, someRepository, someWeights, testToken } from "../support/a-pull.js";
import { startHub, type TestHub } from "../support/hub-server.js";

async function aHub(files = someFiles) {
  const hub = await startHub();
  hub.publish(someRepository, "main", files);
  return hub;
}

describe("the token", () => {
  test("goes to the hub with every request, and to its storage never", async () => {
    const hub = await aHub();
    const { error } = await aPull(hub, { token: testToken });
    expect(error).toBeNull();
    const seen = (at: string) => hub.requests.filter((request) => request.at === at).map(({ headers }) => headers);
    expect(seen("hub").length).toBeGreaterThan(4);
    expect(seen("hub").every(({ authorization }) => authorization === `Bearer ${testToken}`)).toBe(true);
    expect(seen("storage")).toHaveLength(1);
    expect(JSON.stringify(seen("storage"))).not.toContain(testToken);
    // A compressed body could neither be resumed nor counted.
    expect(hub.requests.every(({ headers }) => headers["accept-encoding"] === "identity")).toBe(true);
  });

  test("is not sent again once a redirect has left the hub, not even back to it", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs/, { kind: "reply", status: 302, headers: { location: `${hub.endpoint}/back` } }, 9);
    hub.fail(/GET \/back/, { kind: "reply", status: 500 }, 9);
    await aPull(hub, { token: testToken });
    const back = hub.requests.filter(({ path }) => path === "/back");
    expect(back.length).toBeGreaterThan(0);
    expect(back.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });

  test.each([
    { where: "an error", status: 401, headers: { "x-error-message": `bad token ${testToken}` } },
    { where: "a redirect", status: 302, headers: { location: `ftp://${testToken}/` } },
  ])("that $where repeats is in no message", async ({ status, headers }) => {
    const hub = await aHub();
    hub.fail(/GET \/api/, { kind: "reply", status, headers }, 9);
    const { error, lines } = await aPull(hub, { token: testToken });
    expect(error).not.toBeNull();
    expect(`${error?.message} ${error?.stack} ${JSON.stringify(error?.cause ?? null)} ${lines}`).not.toContain(
      testToken,
    );
  });
});

describe("what the hub refuses", () => {
  test.each([
    {
      what: "a repository that does not exist, or is private",
      pull: { id: "someone/nothing" },
      says: "someone/nothing does not exist, or is private: then set HF_TOKEN",
    },
    {
      what: "one that this account does not see",
      pull: { id: "someone/nothing", token: testToken },
      says: "the hub has no someone/nothing, or not for this account",
    },
    {
      what: "a revision that does not exist",
      pull: { revision: "v9" },
      says: `${someRepository} has no revision v9`,
    },
  ])("$what", async ({ pull, says }) => {
    const { error, waitsMs } = await aPull(await aHub(), pull);
    expect(error?.message).toBe(says);
    expect(waitsMs).toEqual([]);
  });

  test.each([
    {
      what: "a token that it does not know",
      reply: { status: 401, headers: { "x-error-message": "Invalid credentials\x1b[31m in Authorization header" } },
      token: testToken,
      says: `the hub does not accept HF_TOKEN for ${someRepository} (the hub says: Invalid credentials [31m in Authorization header)`,
    },
    {
      what: "a gated repository without a token",
      reply: { status: 401, headers: { "x-error-code": "GatedRepo" } },
      says: `${someRepository} is gated: accept its terms on its page of the hub, then set HF_TOKEN`,
    },
    {
      what: "a gated repository whose terms were not accepted",
      reply: { status: 403, headers: { "x-error-code": "GatedRepo" } },
      token: testToken,
      says: `${someRepository} is gated: accept its terms on its page of the hub with the account of HF_TOKEN`,
    },
    {
      what: "something for another reason",
      reply: { status: 403, headers: { "x-error-message": "Storage limit" } },
      token: testToken,
      says: `the hub forbids ${someRepository} to this account (the hub says: Storage limit)`,
    },
    {
      what: "a file that went missing",
      reply: { status: 404, headers: { "x-error-code": "EntryNotFound" } },
      says: expect.stringMatching(/^someone\/some-clip has no config\.json at [0-9a-f]{40}$/),
    },
    { what: "a request as such", reply: { status: 418 }, says: `the hub answered 418 for ${someRepository}` },
  ])("$what", async ({ reply, token, says }) => {
    const hub = await aHub();
    // Headers of one byte a character may hold what a terminal would obey.
    const { headers = {} } = reply as { headers?: Record<string, string> };
    const printable = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace("\x1b", "\x9b")]),
    );
    hub.fail(/HEAD /, { kind: "reply", status: reply.status, headers: printable });
    const { error, folder } = await aPull(hub, token === undefined ? {} : { token });
    expect(error?.message).toEqual(says);
    await expect(readdir(folder)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("bytes that are not what the hub declares", () => {
  async function failing(hub: TestHub) {
    const result = await aPull(hub);
    expect(result.report).toBeNull();
    const names = await readdir(result.folder);
    expect(names.filter((name) => !name.startsWith("."))).toEqual([]);
    return result;
  }

  test("by their digest are fetched once more, then refused", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs/, { kind: "corrupt" }, 2);
    const { error, lines } = await failing(hub);
    const digest = sha256Of(someWeights);
    expect(error?.message).toMatch(
      new RegExp(`^model\\.safetensors has sha256 [0-9a-f]{64}, but the hub declares ${digest}$`),
    );
    expect(lines).toEqual([`${error?.message}; fetching it once more`]);
    expect(hub.requests.filter(({ at }) => at === "storage")).toHaveLength(2);
  });

  test("in a small file are noticed as well, by git's digest", async () => {
    const hub = await aHub();
    hub.fail(/GET .*resolve-cache.*\/config\.json/, { kind: "corrupt" }, 2);
    expect((await failing(hub)).error?.message).toContain("config.json has git-blob-sha1 ");
  });

  test("by their number are refused: too many", async () => {
    const hub = await aHub();
    hub.fail(/GET \/blobs/, { kind: "longer" }, 9);
    expect((await failing(hub)).error?.message).toContain(
      "sent more of model.safetensors than the 300000 bytes declared",
    );
  });

  test("by their number are refused: a page of HTML in their place", async () => {
    const hub = await aHub();
    const page = { status: 200, headers: { "content-type": "text/html; charset=utf-8" }, body: "<html>Log in</html>" };
    hub.fail(/GET \/blobs/, { kind: "reply", ...page, headers: { ...page.headers, "content-length": "19" } }, 9);
    expect((await failing(hub)).error?.message).toMatch(
      /sends 19 bytes \(text\/html\) for model\.safetensors, but the hub declares 300000 \(tried 6 times\)$/,
    );
  });

  test("since it declares others by now are noticed", async () => {
    const hub = await aHub();
    const instead = { etag: `"${"c".repeat(40)}"`, "content-length": "2" };
    hub.fail(/GET .*resolve.*\/config\.json/, { kind: "reply", status: 200, headers: instead, body: "{}" });
    expect((await aPull(hub)).error?.message).toBe(
      "config.json changed on the hub while it was pulled: run the same command again",
    );
  });

  test("by the digest that a known model has are refused before they are fetched", async () => {
    const { repository, revision, weights } = findKnownModel("vit-b-32")!;
    const hub = await startHub();
    const siblings = ["config.json", "model.safetensors"].map((rfilename) => ({ rfilename }));
    const reply = { status: 200, body: JSON.stringify({ sha: revision, siblings }) };
    hub.fail(/GET \/api/, { kind: "reply", ...reply });
    const declared = { "x-linked-size": "2000", "x-linked-etag": `"${sha256Of(someBytes(2_000))}"` };
    hub.fail(/HEAD /, { kind: "reply", status: 200, headers: declared }, 2);
    const { error } = await aPull(hub, { id: "vit-b-32" });
    expect(error?.message).toBe(
      `model.safetensors of ${repository} is known as sha-256 ${weights.sha256}, but the hub declares ${sha256Of(someBytes(2_000))}`,
    );
  });
});

describe("an endpoint that is no hub", () => {
  test.each([
    { what: "a page", reply: { status: 200, headers: { "content-type": "text/html" }, body: "<html></html>" } },
    { what: "other JSON", reply: { status: 200, body: '{"ok":true}' } },
    { what: "a commit that is a path", reply: { status: 200, body: '{"sha":"../../x","siblings":[]}' } },
  ])("is told from its answer: $what", async ({ reply }) => {
    const hub = await aHub();
    hub.fail(/GET \/api/, { kind: "reply", ...reply });
    expect((await aPull(hub)).error?.message).toMatch(
      /does not answer like a Hugging Face hub: is HF_ENDPOINT right\?$/,
    );
  });

  test.each([
    { location: "/api/loop", says: "redirects more than 5 times" },
    { location: "file:///etc/passwd", says: "redirects to file:: refused" },
    { location: "", says: "redirects more than 5 times" },
    { location: "http://[", says: "redirects to nowhere (302 without a usable Location)" },
  ])("and redirects to $location is left", async ({ location, says }) => {
    const hub = await aHub();
    hub.fail(/GET \/api/, { kind: "reply", status: 302, headers: { location } }, 20);
    expect((await aPull(hub)).error?.message).toContain(says);
  });

  test("and declares no digest is not believed", async () => {
    const hub = await aHub();
    hub.fail(/HEAD .*\/config\.json/, {
      kind: "reply",
      status: 200,
      headers: { etag: '"1a-5f"', "content-length": "2" },
    });
    expect((await aPull(hub)).error?.message).toBe("the hub declares no digest of config.json: it cannot be checked");
  });

  test("and answers for another commit is not believed", async () => {
    const hub = await aHub();
    const headers = { etag: `"${"a".repeat(40)}"`, "content-length": "2", "x-repo-commit": "b".repeat(40) };
    hub.fail(/HEAD .*\/config\.json/, { kind: "reply", status: 200, headers });
    expect((await aPull(hub)).error?.message).toMatch(/^the hub answers for another commit than [0-9a-f]{40}$/);
    const [asked, answered] = ["c", "d"].map((digit) => digit.repeat(40));
    const body = JSON.stringify({ sha: answered, siblings: [] });
    hub.fail(/GET \/api/, { kind: "reply", status: 200, body });
    const { error } = await aPull(hub, { revision: asked! });
    expect(error?.message).toBe(`the hub answers ${answered} for commit ${asked}`);
  });
});

test.each([
  {
    files: { "README.md": someBytes(5) },
    says: /^no model here: it lacks model\.safetensors or pytorch_model\.bin, and /,
  },
  {
    files: { "config.json": someBytes(5), "model.safetensors.index.json": someBytes(5) },
    says: /its weights are in pieces \(model\.safetensors\.index\.json\), which are not supported$/,
  },
  { files: { "model.safetensors": someBytes(5) }, says: /it lacks config\.json beside its weights, and / },
])("a repository without a model is refused ($says)", async ({ files, says }) => {
  expect((await aPull(await aHub(files))).error?.message).toMatch(says);
});
