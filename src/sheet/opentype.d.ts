/** Of opentype.js what is used here; its own types would bring the browser's globals into every file. */
declare module "opentype.js" {
  type Glyph = Readonly<{
    index: number;
    advanceWidth: number;
    /** In units of the font, y upwards. */
    path: Readonly<{ toPathData: (decimals: number) => string }>;
  }>;
  type Font = Readonly<{
    unitsPerEm: number;
    hasChar: (character: string) => boolean;
    charToGlyph: (character: string) => Glyph;
  }>;
  const opentype: Readonly<{ parse: (bytes: ArrayBuffer) => Font }>;

  export type { Font, Glyph };
  export default opentype;
}
