import { describe, expect, it } from "vitest";
import { sniffImageFormat } from "../../../src/domain/image-format.js";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

describe("the format of a file", () => {
  it.each([
    ["jpeg", "\xff\xd8\xff\xe1\x00\x10"],
    ["png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"],
    ["gif", "GIF89a\x01\x00"],
    ["gif", "GIF87a\x01\x00"],
    ["webp", "RIFF\x24\x00\x00\x00WEBPVP8 "],
    ["tiff", "II*\x00\x08\x00\x00\x00"],
    ["tiff", "MM\x00*\x00\x00\x00\x08"],
    ["tiff", "II+\x00\x08\x00\x00\x00"],
    ["avif", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif"],
    ["avif", "\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif"],
    ["avif", "\x00\x00\x00\x18ftypavis\x00\x00\x00\x00avis"],
  ])("%s is told by its first bytes", (format, text) => {
    expect(sniffImageFormat(bytes(text))).toBe(format);
  });

  it.each([
    ["nothing", ""],
    ["a few bytes", "\xff\xd8"],
    ["text", "a picture of a shirt"],
    ["SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ["a PDF", "%PDF-1.7"],
    ["a BMP", "BM\x36\x00\x00\x00"],
    ["a RIFF file that is sound", "RIFF\x24\x00\x00\x00WAVEfmt "],
    ["HEIC, which cannot be decoded here", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"],
    ["a film", "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isomavc1"],
    ["letters of two brands that spell a third", "\x00\x00\x00\x18ftypxxav\x00\x00\x00\x00ifxxheic"],
  ])("%s has none", (_, text) => {
    expect(sniffImageFormat(bytes(text))).toBeNull();
  });

  it("is told of a view into a larger buffer", () => {
    const text = "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif";
    expect(sniffImageFormat(bytes(`123${text}`).subarray(3))).toBe("avif");
  });
});
