import { expect, it } from "vitest";
import { faissAvailability } from "../../src/adapters/faiss-index.js";
import { unlessSkipped } from "../support/skip-by-name.js";
import { addonPath, runScript } from "./run-script.js";

const faiss = faissAvailability();
// Allocators keep a little; faiss-node 0.5.1 grows by 331 MB over as many searches.
const allowedGrowth = 20;

unlessSkipped("memory", faiss.available ? null : faiss.reason, () => {
  it("stays where it is over 200,000 searches, and over 100 indexes that nobody closes", async () => {
    const { code, output } = await runScript("measure-memory", [addonPath, "200000"]);
    expect(code, output).toBe(0);
    const { warm, searched, forgotten } = JSON.parse(output);
    console.log(`resident memory in MB: ${output.trim()}`);
    expect(searched - warm).toBeLessThan(allowedGrowth);
    // A hundred indexes hold 410 MB; the collector must have been told so and have let go of nearly all of them.
    expect(forgotten - searched).toBeLessThan(5 * allowedGrowth);
  });
});
