import { setTimeout as delay } from "node:timers/promises";
import CliTable from "cli-table3";
import type { Command } from "commander";
import { parseHubSettings } from "../../models/hub/hub-settings.js";
import { knownModels } from "../../models/hub/known-models.js";
import { defaultFolderOf, parseWanted } from "../../models/hub/parse-wanted.js";
import { type PullReport, pullModel } from "../../models/hub/pull-model.js";
import { createByteBar } from "./byte-bar.js";
import { exitCodes, tell, tellProblems, writeData } from "./output.js";

type Environment = Readonly<Record<string, string | undefined>>;
type PullFlags = Readonly<{ revision?: string; out?: string; list?: boolean; json?: boolean }>;

/** What a shell expects of a command ended by Ctrl-C: 128 and the signal's number. */
const interruptedExitCode = 130;

/** As long as the hub's own client waits for a silent socket, and then some for slow storage. */
const inactivityMs = 30_000;

/** Adds `model pull` to the model commands. */
export function addModelPullCommand(model: Command, env: Environment): void {
  model
    .command("pull")
    .argument("[model]", "OWNER/NAME on the hub, or a name that --list shows")
    .summary("fetch a checkpoint from the Hugging Face hub")
    .description(
      "Fetches config.json, preprocessor_config.json and model.safetensors, or pytorch_model.bin where there is no\n" +
        "other; of a repository in open_clip's form alone its open_clip_* files. Size and digest of each file are\n" +
        "checked against what the hub declares. The commit and the digests are kept in model.lock.json: pulling the\n" +
        "same revision again checks the files on disk and needs no network. A pull that was cut off, also by Ctrl-C,\n" +
        "goes on where it stopped.\n" +
        "HF_ENDPOINT names another hub, HF_TOKEN opens gated and private models; it is sent to the endpoint alone.",
    )
    .option("--revision <ref>", "branch, tag, ref or commit (default: the commit that --list shows, else main)")
    .option("--out <folder>", "where the files go (default: ./NAME, the last part of the repository)")
    .option("--list", "show the models that have short names here, with revision and license")
    .option("--json", "report on stdout as JSON")
    .action((id: string | undefined, flags: PullFlags) => (flags.list ? list(flags) : run(id, flags, env)));
}

async function list({ json = false }: PullFlags): Promise<void> {
  if (json) return writeData(JSON.stringify(knownModels));
  const table = new CliTable({
    head: ["name", "repository", "revision", "weights", "license"],
    style: { head: [], border: [], compact: true },
  });
  for (const { name, aliases, repository, revision, weights, license } of knownModels) {
    table.push([[name, ...aliases].join("\n"), repository, revision.slice(0, 12), weights.file, license]);
  }
  await writeData(table.toString());
}

async function run(id: string | undefined, flags: PullFlags, env: Environment): Promise<void> {
  if (id === undefined) return tellProblems(["MODEL is missing: OWNER/NAME, or a name of --list"], exitCodes.usage);
  const wanted = parseWanted(id, flags.revision);
  const settings = parseHubSettings(env);
  if ("problems" in wanted || "problems" in settings) {
    const problems = [wanted, settings].flatMap((parsed) => ("problems" in parsed ? parsed.problems : []));
    return tellProblems(problems, exitCodes.usage);
  }
  if (flags.out === "") return tellProblems(["--out is empty"], exitCodes.usage);
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Error("interrupted; the same command goes on where this one stopped"));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const bar = createByteBar();
  try {
    const report = await pullModel({
      wanted: wanted.value,
      settings: settings.value,
      folder: flags.out ?? defaultFolderOf(wanted.value.repository),
      signal: interruption.signal,
      wait: (ms, signal) => delay(ms, undefined, { signal }),
      tell,
      progress: bar.show,
      inactivityMs,
    });
    bar.end();
    await tellReport(report, flags);
  } catch (error) {
    bar.end();
    tellProblems([error instanceof Error ? error.message : String(error)], exitCodes.failed);
    if (interruption.signal.aborted) process.exitCode = interruptedExitCode;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

async function tellReport(report: PullReport, { json = false }: PullFlags): Promise<void> {
  const { repository, revision, commit, license, folder, files } = report;
  const at = revision === commit ? commit : `${revision}, commit ${commit}`;
  const news = files.every(({ source }) => source === "present") ? "already there" : "pulled";
  tell(`${news}: ${repository} at ${at}; license: ${license ?? "none declared"}`);
  if (revision !== commit && news === "already there") tell(`to have what ${revision} is now, pull to another --out`);
  for (const { file, bytes, source } of files) tell(`  ${file}: ${bytes} bytes, ${source}, digest verified`);
  if (json) await writeData(JSON.stringify(report));
  else for (const { file, sha256 } of files) await writeData(`${sha256}  ${folder}/${file}`);
  tell(`next: stygig model convert ${folder} --precision fp32,int8 --out ${folder}-onnx`);
}
