// What `npm run bench` does before the bench: `node scripts/bench-set-up.js [--no-system-packages]`.
import "./require-node.js";
import { runScript } from "./project.js";
import { setUp } from "./set-up.js";

await runScript(() => setUp({ systemPackages: !process.argv.includes("--no-system-packages") }));
