// node embed-photos.js ENCODER PRECISION < PATHS: embeds photo files, one path a line, with the compiled decoder and the
// encoder folder's graph of that precision, and prints {preprocess, versions, embeddings}. For check-full-size-clip.py.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline";

const compiled = new URL("../../dist/src/", import.meta.url);
const { readEncoderFiles } = await import(new URL("adapters/encoder-files.js", compiled));
const { createImageDecoder } = await import(new URL("adapters/image-decoder.js", compiled));
const { openSession } = await import(new URL("adapters/onnx-encoder-session.js", compiled));
const { toModelInput } = await import(new URL("domain/clip-input.js", compiled));
const { toEmbedding } = await import(new URL("domain/embedding.js", compiled));

const [folder, precision] = process.argv.slice(2);
if (folder === undefined || precision === undefined) {
  console.error(`usage: ${basename(process.argv[1])} ENCODER PRECISION < PATHS`);
  process.exit(2);
}
const { manifest, models } = await readEncoderFiles(folder);
const found = models.find(({ model }) => model.precision === precision);
if (found === undefined) throw new Error(`${folder} has no ${precision} model`);
const { preprocess } = manifest;
const session = await openSession({
  manifest,
  model: found.model,
  modelFile: found.file,
  provider: "cpu",
  threads: 1,
});
const decoder = createImageDecoder({ workers: 1, maxPixels: 100_000_000 });

async function embed(path) {
  const { modelView } = await decoder.decode(readFileSync(path), { preprocess, meanColor: false });
  const outcome = await session.run(toModelInput(modelView, preprocess).data, 1);
  if (outcome.kind !== "rows") throw new Error(`${path}: ${outcome.reason}`);
  return [...toEmbedding(outcome.values)];
}

const embeddings = [];
for await (const path of createInterface({ input: process.stdin })) {
  if (path !== "") embeddings.push(await embed(path));
}
await decoder.close();
await session.release();
const versionOf = (name) => {
  const manifestFile = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(manifestFile, "utf8")).version;
};
const versions = { node: process.versions.node, onnxruntime: versionOf("onnxruntime-node"), sharp: versionOf("sharp") };
console.log(JSON.stringify({ preprocess, versions, embeddings }));
