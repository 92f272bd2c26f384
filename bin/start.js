/** Runs a command's compiled entry, or says in one line what is missing for it. */
export async function start(command, entry) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) {
    console.error(`${command} needs Node 20.20 or newer; this is ${process.version}.`);
    process.exit(1);
  }
  try {
    await import(new URL(`../dist/src/cli/${entry}`, import.meta.url));
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes(`dist/src/cli/${entry}`)) throw error;
    console.error(`${command} is not built yet: run \`npm ci && npm run build\` first.`);
    process.exit(1);
  }
}
