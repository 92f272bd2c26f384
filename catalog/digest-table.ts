/** Where something lies: a number of its own for the file, and the bytes in it. */
export type FilePlace = Readonly<{ file: number; at: number; bytes: number }>;

/**
 * Places by sha-256, in some forty bytes each, where a map of texts and objects takes five times as much. It goes by the first
 * 64 bits: whoever finds a place must see for himself that the digest there is the one he asked for.
 */
export type DigestTable = Readonly<{
  find: (digest: string) => FilePlace | null;
  /** The later place of a digest counts. */
  set: (digest: string, place: FilePlace) => void;
}>;

type Slots = Readonly<{
  /** The key of slot i at 2 i and 2 i + 1. */
  keys: Uint32Array;
  /** One more than the file's number; 0 in a free slot. */
  files: Uint32Array;
  ats: Float64Array;
  bytes: Uint32Array;
}>;

const firstSlots = 1024;
/** Fuller than this, a search passes more and more slots of others. */
const fullest = 0.7;

/** `digest` is in hex everywhere. */
export function createDigestTable(): DigestTable {
  let slots = createSlots(firstSlots);
  let used = 0;
  return {
    find: (digest) => {
      const slot = slotOf(slots, ...toKey(digest));
      if (slots.files[slot] === 0) return null;
      return { file: slots.files[slot]! - 1, at: slots.ats[slot]!, bytes: slots.bytes[slot]! };
    },
    set: (digest, place) => {
      const [high, low] = toKey(digest);
      if (slots.files[slotOf(slots, high, low)] === 0) used++;
      if (used > slots.files.length * fullest) slots = grow(slots);
      put(slots, high, low, place);
    },
  };
}

function createSlots(count: number): Slots {
  return {
    keys: new Uint32Array(2 * count),
    files: new Uint32Array(count),
    ats: new Float64Array(count),
    bytes: new Uint32Array(count),
  };
}

function toKey(digest: string): readonly [number, number] {
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16)];
}

/** The slot of the key, or the free one that it would take. A digest is as good as chance: its own bits say where to begin. */
function slotOf({ keys, files }: Slots, high: number, low: number): number {
  let slot = low % files.length;
  while (files[slot] !== 0 && (keys[2 * slot] !== high || keys[2 * slot + 1] !== low)) slot = (slot + 1) % files.length;
  return slot;
}

function put(slots: Slots, high: number, low: number, { file, at, bytes }: FilePlace): void {
  const slot = slotOf(slots, high, low);
  slots.keys[2 * slot] = high;
  slots.keys[2 * slot + 1] = low;
  slots.files[slot] = file + 1;
  slots.ats[slot] = at;
  slots.bytes[slot] = bytes;
}

function grow(old: Slots): Slots {
  const slots = createSlots(2 * old.files.length);
  for (let slot = 0; slot < old.files.length; slot++) {
    if (old.files[slot] === 0) continue;
    const place = { file: old.files[slot]! - 1, at: old.ats[slot]!, bytes: old.bytes[slot]! };
    put(slots, old.keys[2 * slot]!, old.keys[2 * slot + 1]!, place);
  }
  return slots;
}
