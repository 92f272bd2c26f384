import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf, filesBelow, projectFolder, runCommand } from "./project.js";

// What the drawn pictures and their artifact follow from: when it changes they are made again.
const origins = [
  "catalog",
  "src/domain",
  "src/adapters",
  "models/lite",
  "package-lock.json",
  "scripts/sample-artifact.js",
];
const demoFolder = ".demo";

function originDigest() {
  return digestOf(origins.flatMap(filesBelow).filter((file) => /\.(ts|js|json|onnx)$/.test(file)));
}

/**
 * Draws the sample catalog and builds its artifact into `.demo/`, unless both are there already.
 * @returns the artifact's folder and one of the pictures, both relative to the project
 */
export async function provideSampleArtifact() {
  const digest = originDigest();
  const artifact = `${demoFolder}/artifact`;
  const images = `${demoFolder}/sample/images`;
  const stampFile = join(projectFolder, demoFolder, "stamp");
  if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== digest) {
    rmSync(join(projectFolder, demoFolder), { recursive: true, force: true });
    console.log("Drawing the sample catalog ...");
    const { writeSampleCatalog } = await import("../dist/catalog/sample/sample-catalog.js");
    await writeSampleCatalog(join(projectFolder, demoFolder, "sample"));
    // As large as they are drawn: the page shows them large.
    const options = ["--images", images, "--items", `${demoFolder}/sample/items.jsonl`, "--thumbnails", "640"];
    const build = ["bin/stygig", "catalog", "build", ...options, "--out", artifact];
    runCommand(process.execPath, build, "The artifact of the sample catalog could not be built.");
    writeFileSync(stampFile, digest);
  }
  return { artifact, picture: firstDress(images) };
}

/** A dress, because most of an outfit is missing around one. */
function firstDress(folder) {
  const names = readdirSync(join(projectFolder, folder, "one-piece/dress")).sort();
  return `${folder}/one-piece/dress/${names[0]}`;
}
