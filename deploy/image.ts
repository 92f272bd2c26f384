import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { orAbsent, toFailureKind } from "./aws-failure.js";
import { type ImageCalls, planImageCalls } from "./image-calls.js";
import { probeCommand, type RunCommand, toBuildCommand, toLogInCommand } from "./image-docker.js";
import { type ImageSpec, toRegistry } from "./image-spec.js";
import type { SendCall } from "./planned-call.js";

export type ImageParts = Readonly<{
  send: SendCall;
  run: RunCommand;
  tell: (line: string) => void;
  /** The folder with the Dockerfile. */
  folder: string;
}>;

/** An image in its repository, as ECR describes it. */
export type PushedImage = Readonly<{
  imageUri: string;
  digest: string;
  mediaType: string;
  repository: "made" | "same";
}>;

type Answer = Readonly<Record<string, unknown>>;

/** What a push with Docker's own media types comes to; anything else the platform refuses. */
const wantedMediaType = "application/vnd.docker.distribution.manifest.v2+json";

/**
 * Builds an image, pushes it, and sees that the repository has under its tag what was built, in a form that SageMaker
 * takes. Nothing is asked of AWS where there is no Docker. Twice pushes what has changed, which may be nothing.
 * @throws Error with one line; the service's error; the signal's reason
 */
export async function pushImage(parts: ImageParts, spec: ImageSpec): Promise<PushedImage> {
  const { send, run, tell, folder } = parts;
  const calls = planImageCalls(spec);
  await runWell(run, probeCommand, "docker has no buildx, which builds for one platform");
  const registry = toRegistry(spec.accountId ?? String((await send(calls.identify)).Account), spec.region);
  const imageUri = `${registry}/${spec.repository}:${spec.tag}`;
  const repository = await ensureRepository(send, calls);
  tell(`${repository === "made" ? "done: CreateRepository" : "there already: repository"} ${spec.repository}`);
  await runWell(
    run,
    toLogInCommand(registry),
    `docker could not log in to ${registry}`,
    await getPassword(send, calls),
  );
  tell(`building ${imageUri} for ${spec.platform}`);
  const built = await build({ run, spec, imageUri, folder });
  return { imageUri, repository, ...(await verify(send, calls, { imageUri, built })) };
}

async function runWell(run: RunCommand, command: readonly string[], problem: string, input?: string): Promise<void> {
  const code = await run(command, input);
  if (code !== 0) throw new Error(`${problem}: ${command.slice(0, 3).join(" ")} ended with ${code}`);
}

async function ensureRepository(send: SendCall, { look, create }: ImageCalls): Promise<"made" | "same"> {
  if ((await orAbsent(send(look))) !== null) return "same";
  try {
    await send(create);
    return "made";
  } catch (error) {
    // Somebody made it in the same moment.
    if (toFailureKind(error) === "existing") return "same";
    throw error;
  }
}

/** A password of twelve hours; ECR gives it together with its only user's name. */
async function getPassword(send: SendCall, { logIn }: ImageCalls): Promise<string> {
  const { authorizationData } = await send(logIn);
  const [first] = (authorizationData ?? []) as readonly Answer[];
  const [, password] = /^AWS:(.+)$/s.exec(Buffer.from(String(first?.authorizationToken), "base64").toString()) ?? [];
  if (password === undefined) throw new Error("ECR gave no password");
  return password;
}

type Building = Readonly<{ run: RunCommand; spec: ImageSpec; imageUri: string; folder: string }>;

/** The digest of what was pushed, as Docker has it. */
async function build({ run, spec, imageUri, folder }: Building): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), "stygig-image-"));
  try {
    const metadataFile = join(work, "metadata.json");
    const command = toBuildCommand(spec, { imageUri, folder, metadataFile });
    await runWell(run, command, "the image was not built and pushed, for the reason above");
    const digest = JSON.parse(await readFile(metadataFile, "utf8"))["containerimage.digest"];
    if (typeof digest === "string") return digest;
    throw new Error("docker does not say which digest it has pushed: its buildx is too old");
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Built = Readonly<{ imageUri: string; built: string }>;

async function verify(send: SendCall, calls: ImageCalls, { imageUri, built }: Built) {
  const found = await orAbsent(send(calls.verify));
  const [detail] = (found?.imageDetails ?? []) as readonly Answer[];
  if (detail === undefined) throw new Error(`${imageUri} is not in the repository after its push`);
  const [digest, mediaType] = [String(detail.imageDigest), String(detail.imageManifestMediaType)];
  if (digest !== built) throw new Error(`${imageUri} is ${digest}, not ${built}: somebody else has pushed there`);
  if (mediaType !== wantedMediaType) {
    throw new Error(`${imageUri} is a ${mediaType}, which SageMaker refuses; it takes ${wantedMediaType}`);
  }
  return { digest, mediaType };
}
