import { describe, expect, it } from "vitest";
import { parseS3Reference, parseUrlReference } from "../../../src/domain/image-reference.js";

const problem = (start: string) => ({ problems: [expect.stringContaining(start)] });

describe("an S3 address", () => {
  it.each([
    ["s3://bucket/key.png", "key.png"],
    ["s3://bucket/a/b/key.png", "a/b/key.png"],
    ["s3://bucket/a%20b.jpg", "a%20b.jpg"],
    ["s3://bucket/a b+c.jpg", "a b+c.jpg"],
    ["s3://bucket/key?versionId=1#top", "key?versionId=1#top"],
    ["s3://bucket//leading", "/leading"],
    ["s3://bucket/s3://inner", "s3://inner"],
    ["s3://bucket/Größe/写真.jpg", "Größe/写真.jpg"],
    ["s3://bucket/..hidden/a..b/...", "..hidden/a..b/..."],
  ])("%s names its key as it stands, as in V4", (text, key) => {
    expect(parseS3Reference(text)).toEqual({ value: { kind: "s3", bucket: "bucket", key } });
  });

  it.each([
    ...["", "s3://", "s3://bucket", "s3://bucket/", "S3://bucket/key", "http://bucket/key", " s3://bucket/key"],
    ...["s3:///key", "s3://b/key", "s3://Bucket/key", "s3://user@bucket/key", "s3://bucket:80/key", "s3://-ab/key"],
    ...["s3://arn:aws:s3:eu-west-1:1:accesspoint/x", `s3://${"b".repeat(64)}/key`, "s3://a_b/key", "s3://bucket\\key"],
  ])("%j is none", (text) => {
    expect(parseS3Reference(text)).toEqual(problem("s3://bucket/key"));
  });

  it.each([
    ...["s3://bucket/../other", "s3://bucket/a/../b", "s3://bucket/a/.", "s3://bucket/./a"],
    ...["s3://bucket/a\nb", "s3://bucket/a\0b", "s3://bucket/\ud800", `s3://bucket/${"é".repeat(513)}`],
  ])("%j has a key that servers would read in different ways", (text) => {
    expect(parseS3Reference(text)).toEqual(problem("a key has no"));
  });
});

describe("a URL", () => {
  it.each([
    "https://cdn.example.com/a.jpg",
    "http://cdn.example.com/a.jpg",
    "HTTPS://CDN.example.com:443/a?b=c",
    "https://bücher.example/a",
    "https://[2606:4700::1111]/a",
  ])("%s is taken as it stands", (url) => {
    expect(parseUrlReference(url)).toEqual({ value: { kind: "url", url } });
  });

  it.each([
    ["", "absolute"],
    ["/a.jpg", "absolute"],
    ["//cdn.example.com/a.jpg", "absolute"],
    ["https://", "absolute"],
    ["https://cdn.example.com:99999/", "absolute"],
    ["https://1.2.3.256/", "absolute"],
    ["ftp://cdn.example.com/a", "https"],
    ["file:///etc/passwd", "https"],
    ["data:image/png;base64,AAAA", "https"],
    ["gopher://cdn.example.com/", "https"],
    ["javascript:alert(1)", "https"],
    ["https://user@cdn.example.com/", "user"],
    ["https://cdn.example.com:password@169.254.169.254/", "user"],
    ["https://:secret@cdn.example.com/", "user"],
    [`https://cdn.example.com/${"a".repeat(2048)}`, "2048"],
  ])("%s is refused", (text, start) => {
    expect(parseUrlReference(text)).toEqual(problem(start));
  });
});
