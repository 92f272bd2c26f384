// Asks a StyGig server for the outfit around one picture. Node 20 or newer, no packages.
//
//   node examples/recommend.js http://localhost:8080 look.jpg gender=female top_k=5

import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const [address, pictureFile, ...options] = process.argv.slice(2);
if (pictureFile === undefined) {
  console.error("usage: node recommend.js ADDRESS PICTURE [OPTION=VALUE ...]");
  process.exit(2);
}

/** Full or just starting: the server says in Retry-After when another try is worthwhile. */
const waitingStatuses = [429, 503];
const maxTries = 4;

async function recommend(picture) {
  for (let tries = 1; ; tries++) {
    const response = await fetch(new URL("/invocations", address), {
      method: "POST",
      // V4's name for a picture of any kind; the server looks at its bytes.
      headers: { "content-type": "application/x-image", "x-amzn-sagemaker-custom-attributes": options.join(",") },
      body: picture,
      signal: AbortSignal.timeout(60_000),
    });
    if (response.ok) return toRows(await response.json());
    // Whoever stands between us and the server may answer in words of their own.
    const text = await response.text();
    if (!waitingStatuses.includes(response.status) || tries === maxTries) {
      throw new Error(toSentence(response.status, text));
    }
    await wait(1000 * Number(response.headers.get("retry-after") ?? 1));
  }
}

function toRows({ recommendations }) {
  if (!Array.isArray(recommendations)) throw new Error("the answer has no recommendations; is this a StyGig server?");
  return recommendations;
}

function toSentence(status, text) {
  try {
    const { code, message, details } = JSON.parse(text).error;
    return `${code}: ${message} ${JSON.stringify(details)}`;
  } catch {
    return `the answer was ${status}: ${text.slice(0, 200)}`;
  }
}

try {
  for (const { rank, category, item_id, score, match_reason } of await recommend(await readFile(pictureFile))) {
    console.log([rank, category, item_id, score.toFixed(4), match_reason ?? ""].join("\t"));
  }
} catch (error) {
  // fetch says only that it failed; why is in its cause.
  console.error(`recommend: ${error.cause?.message || error.cause?.code || error.message}`);
  process.exit(1);
}
