import { bombs } from "./bombs.js";
import { brokenPictures } from "./broken-pictures.js";
import { foreignFormats } from "./foreign-formats.js";
import { framing } from "./framing.js";
import { headers } from "./headers.js";
import type { Family } from "./hostile-request.js";
import { jsonBodies } from "./json-bodies.js";
import { manyRecords } from "./many-records.js";
import { references } from "./references.js";
import { sockets } from "./sockets.js";

/** All that is tried. */
export const families: readonly Family[] = [
  ...[...brokenPictures, ...bombs, ...foreignFormats, ...jsonBodies, ...manyRecords, ...references],
  ...[...headers, ...framing, ...sockets],
];
