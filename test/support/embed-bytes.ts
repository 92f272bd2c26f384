import { readFileSync } from "node:fs";
import { openOnnxOutputs } from "../../src/adapters/onnx-outputs.js";

// `node embed-bytes.js MODEL SIDE BYTES`: prints the embedding of one picture as JSON, for comparing processors.
const [model, side, picture] = process.argv.slice(2) as [string, string, string];
const network = await openOnnxOutputs(model, 1);
const outputs = await network.run(new Uint8Array(readFileSync(picture)), [1, Number(side), Number(side), 3]);
console.log(JSON.stringify([...outputs.get("embedding")!]));
await network.close();
