/** A small picture of an item, as WebP. `digest` is the sha-256 of its bytes. */
export type Thumbnail = Readonly<{ bytes: Uint8Array; digest: string }>;

/** Of a row of the catalog. Null when its file is no longer what the artifact's manifest promises. */
export type ReadThumbnail = (row: number) => Promise<Thumbnail | null>;
