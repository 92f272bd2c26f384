import { describe, expect, it } from "vitest";
import { hostRules, s3Rules } from "../../src/config-references.js";
import { isAllowedObject, isAllowedUrl } from "../../src/domain/image-reference-rules.js";

function allows(list: string, url: string): boolean {
  const parsed = hostRules(list);
  if ("must" in parsed) throw new Error(`must be ${parsed.must}`);
  return isAllowedUrl(new URL(url), parsed.value);
}

function allowsObject(list: string, bucket: string, key: string): boolean {
  const parsed = s3Rules(list);
  if ("must" in parsed) throw new Error(`must be ${parsed.must}`);
  return isAllowedObject({ kind: "s3", bucket, key }, parsed.value);
}

describe("the list of hosts", () => {
  it.each([
    ["cdn.example.com", "https://cdn.example.com/a.jpg"],
    ["cdn.example.com", "https://CDN.EXAMPLE.COM:443/a.jpg"],
    [" a.example , cdn.example.com:8443 ", "https://cdn.example.com:8443/a.jpg"],
    ["https://cdn.example.com", "https://cdn.example.com/"],
    ["http://cdn.example.com", "http://cdn.example.com:80/"],
    ["http://cdn.example.com:8080", "http://cdn.example.com:8080/"],
    ["*.example.com", "https://a.example.com/"],
    ["*.example.com", "https://a.b.example.com/"],
    ["*.example.com:8443", "https://a.example.com:8443/"],
    ["BÜCHER.example", "https://xn--bcher-kva.example/"],
    ["xn--bcher-kva.example", "https://bücher.example/"],
    ["8.8.8.8", "https://0x08080808/"],
    ["[2606:4700::1111]", "https://[2606:4700:0:0::1111]/"],
  ])("%s has %s", (list, url) => expect(allows(list, url)).toBe(true));

  it.each([
    ["cdn.example.com", "http://cdn.example.com/"],
    ["cdn.example.com", "https://cdn.example.com:8443/"],
    ["cdn.example.com", "https://example.com/"],
    ["cdn.example.com", "https://a.cdn.example.com/"],
    ["cdn.example.com", "https://cdn.example.com.evil.example/"],
    ["cdn.example.com", "https://evil.example/cdn.example.com"],
    ["cdn.example.com", "https://evil.example?cdn.example.com"],
    ["cdn.example.com", "https://evil.example\\@cdn.example.com/"],
    ["cdn.example.com", "https://cdn.example.com./"],
    ["cdn.example.com:8443", "https://cdn.example.com/"],
    ["http://cdn.example.com", "https://cdn.example.com/"],
    ["http://cdn.example.com:443", "https://cdn.example.com/"],
    ["*.example.com", "https://example.com/"],
    ["*.example.com", "https://evilexample.com/"],
    ["*.example.com", "https://a.example.com:8443/"],
    ["bücher.example", "https://bucher.example/"],
    ["localhost.example", "https://localhost/"],
  ])("%s has not %s", (list, url) => expect(allows(list, url)).toBe(false));

  it.each([
    ...["*", "*.com", "*.8.8.8.8", "cdn.*.example.com", "cdn.example.com/path", "cdn.example.com?a", "a b.example"],
    ...["user@cdn.example.com", "ftp://cdn.example.com", "cdn.example.com:99999", "cdn.example.com.", "a.example,,b"],
    ...[",", "//cdn.example.com", "*.[::1]", "a.example;b.example", "http://", "a.example,"],
  ])("cannot be %j", (list) => {
    expect(hostRules(list)).toEqual({ must: expect.stringMatching(/^hosts such as/) });
  });
});

describe("the list of buckets", () => {
  it.each([
    ["photos", "photos", "a.jpg"],
    ["photos/", "photos", "deep/a.jpg"],
    ["photos/summer", "photos", "summer/a.jpg"],
    ["photos/summer/", "photos", "summer/deep/a.jpg"],
    ["other, photos/a b/c", "photos", "a b/c/d"],
  ])("%s has %s/%s", (list, bucket, key) => expect(allowsObject(list, bucket, key)).toBe(true));

  it.each([
    ["photos", "photos-private", "a.jpg"],
    ["photos/summer", "photos", "summer-private/a.jpg"],
    ["photos/summer", "photos", "summer"],
    ["photos/summer", "photos", "a/summer/a.jpg"],
    ["photos/summer", "photos", "/summer/a.jpg"],
    ["photos/summer", "photos", "Summer/a.jpg"],
    ["photos/a b", "photos", "a%20b/c"],
    ["photos/summer", "other", "summer/a.jpg"],
  ])("%s has not %s/%s", (list, bucket, key) => expect(allowsObject(list, bucket, key)).toBe(false));

  it.each(["s3://photos", "Photos", "ab", "photos//a", "photos/../a", "photos/./a", ",", "*", "photos,", "/photos"])(
    "cannot be %j",
    (list) => expect(s3Rules(list)).toEqual({ must: expect.stringMatching(/^buckets or folders/) }),
  );
});
