/** Where a profile's table of contents starts: after its header of fixed size. */
const tableStart = 128;

/** A signature of four letters, an offset and a length. */
const entryBytes = 12;

/**
 * Whether an ICC profile says that it is sRGB, so that applying it would only cost time.
 * Goes by the description tag; a profile that cannot be read is not sRGB.
 */
export function isSrgbProfile(profile: Uint8Array): boolean {
  const description = readDescription(profile);
  return description.includes("sRGB") && !/linear/i.test(description);
}

/** The text of the `desc` tag; in version 4 profiles it is UTF-16, whose Latin letters are ASCII after a zero. */
function readDescription(profile: Uint8Array): string {
  if (profile.length < tableStart + 4) return "";
  const view = new DataView(profile.buffer, profile.byteOffset, profile.length);
  const entries = Math.min(view.getUint32(tableStart), Math.floor((profile.length - tableStart - 4) / entryBytes));
  for (let entry = 0; entry < entries; entry++) {
    const at = tableStart + 4 + entry * entryBytes;
    if (textAt(profile, at, 4) !== "desc") continue;
    return textAt(profile, view.getUint32(at + 4), view.getUint32(at + 8)).replaceAll("\0", "");
  }
  return "";
}

function textAt(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + Math.min(length, 512)));
}
