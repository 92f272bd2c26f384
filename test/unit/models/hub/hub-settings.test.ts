import { describe, expect, test } from "vitest";
import { hideToken, parseHubSettings } from "../../../../models/hub/hub-settings.js";

const token = "hf_secretOfSomebody";

describe("the hub's settings", () => {
  test.each([
    [{}, { endpoint: "https://huggingface.co", token: null }],
    [
      { HF_ENDPOINT: " ", HF_TOKEN: "" },
      { endpoint: "https://huggingface.co", token: null },
    ],
    [
      { HF_ENDPOINT: "https://mirror/hf/", HF_TOKEN: ` ${token}\n` },
      { endpoint: "https://mirror/hf", token },
    ],
    [
      { HF_ENDPOINT: "http://127.0.0.1:80", HF_TOKEN: token },
      { endpoint: "http://127.0.0.1", token },
    ],
    [
      { HF_ENDPOINT: "http://[::1]:81", HF_TOKEN: token },
      { endpoint: "http://[::1]:81", token },
    ],
    [{ HF_ENDPOINT: "http://mirror" }, { endpoint: "http://mirror", token: null }],
  ])("are read from %j", (env, value) => {
    expect(parseHubSettings(env)).toEqual({ value });
  });

  test.each([
    [{ HF_ENDPOINT: "huggingface.co" }, "HF_ENDPOINT is no http or https address"],
    [{ HF_ENDPOINT: "file:///etc" }, "HF_ENDPOINT is no http or https address"],
    [{ HF_ENDPOINT: "https://me:secret@mirror" }, "HF_ENDPOINT must not hold a user or password"],
    [{ HF_ENDPOINT: "https://mirror/?key=secret" }, "HF_ENDPOINT must end with its path"],
    [{ HF_TOKEN: "hf_secret\nx-other: secret" }, /^HF_TOKEN is no token/],
    [{ HF_TOKEN: "short" }, /^HF_TOKEN is no token/],
    [{ HF_TOKEN: "hf_secrét-secret" }, /^HF_TOKEN is no token/],
    [{ HF_ENDPOINT: "http://mirror", HF_TOKEN: token }, /^HF_ENDPOINT is plain http, so HF_TOKEN would be readable/],
    [{ HF_ENDPOINT: "http://127.example.com", HF_TOKEN: token }, /^HF_ENDPOINT is plain http/],
  ])("are refused in %j, without repeating a secret", (env, problem) => {
    const parsed = parseHubSettings(env);
    expect(parsed).toEqual({ problems: [expect.stringMatching(problem)] });
    expect(JSON.stringify(parsed)).not.toMatch(/secret/);
  });
});

test("a token is hidden as it is and as it is in addresses", () => {
  const odd = "hf_a/b+c=secret";
  expect(hideToken(`x ${odd} y ${encodeURIComponent(odd)} ${odd}`, odd)).toBe("x <HF_TOKEN> y <HF_TOKEN> <HF_TOKEN>");
  expect(hideToken("nothing", null)).toBe("nothing");
});
