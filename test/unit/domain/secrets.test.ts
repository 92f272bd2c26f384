import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedact } from "../../../src/domain/secrets.js";

const redact = createRedact({
  HF_TOKEN: "hf_abcdefgh",
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLE0",
  AWS_SECRET_ACCESS_KEY: 'wJalr/XUtn+FEMI"K7',
  AWS_SESSION_TOKEN: "hf_abcdefgh-and-more",
  AWS_REGION: "eu-central-1",
  AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/token-file",
  AWS_CONTAINER_AUTHORIZATION_TOKEN: "short",
  PATH: "/usr/local/bin",
});

describe("secrets", () => {
  it("are replaced by the names of their variables", () => {
    expect(redact("token hf_abcdefgh, key AKIAEXAMPLE0")).toBe("token <HF_TOKEN>, key <AWS_ACCESS_KEY_ID>");
  });

  it("are found as JSON and addresses write them", () => {
    const secret = 'wJalr/XUtn+FEMI"K7';
    for (const text of [secret, JSON.stringify({ secret }), `https://x/?k=${encodeURIComponent(secret)}`]) {
      expect(redact(text)).toContain("<AWS_SECRET_ACCESS_KEY>");
      expect(redact(text)).not.toContain("FEMI");
    }
  });

  it("hide as a whole where one begins with another", () => {
    expect(redact("hf_abcdefgh-and-more")).toBe("<AWS_SESSION_TOKEN>");
  });

  it("are neither regions, nor paths, nor anything short", () => {
    const text = "eu-central-1 /var/run/token-file short /usr/local/bin";
    expect(redact(text)).toBe(text);
  });

  it("never survive in a line, whatever they are", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: "binary" }), fc.string(), (secret, around) => {
        fc.pre(secret.trim().length >= 8 && !"<HF_TOKEN>".includes(secret.trim()));
        const line = JSON.stringify({ cause: `${around}${secret.trim()}${around}` });
        const hidden = createRedact({ HF_TOKEN: secret })(line);
        expect(hidden).toContain("<HF_TOKEN>");
      }),
    );
  });

  it("are none in an empty environment", () => {
    expect(createRedact({})("hf_abcdefgh")).toBe("hf_abcdefgh");
  });
});
