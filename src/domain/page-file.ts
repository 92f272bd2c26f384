/** One file of the page as it is served: `name` is relative to the page, with forward slashes. */
export type PageFile = Readonly<{ name: string; contentType: string; bytes: Uint8Array; digest: string }>;
