import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ImageSpec } from "./image-spec.js";

/** Runs a program to its end, what it says on our stderr; gives its exit code. @throws Error when it is not there */
export type RunCommand = (command: readonly string[], input?: string) => Promise<number>;

/** Programs that Ctrl-C ends as it would at a prompt. */
export function createRunCommand(signal: AbortSignal): RunCommand {
  return async ([program = "", ...parameters], input) => {
    signal.throwIfAborted();
    // Data alone goes to stdout, and what Docker says is not ours.
    const child = spawn(program, parameters, { stdio: [input === undefined ? "ignore" : "pipe", 2, 2] });
    const interrupt = () => void child.kill("SIGINT");
    signal.addEventListener("abort", interrupt);
    // One that does not read is told by its exit code.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    try {
      const [code, killedBy] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
      signal.throwIfAborted();
      if (code === null) throw new Error(`${program} was ended by ${killedBy}`);
      return code;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new Error(`${program} is not on the PATH: install Docker with buildx where the image is to be built`, {
        cause: error,
      });
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  };
}

/** Whether there is a Docker that can do it. */
export const probeCommand = ["docker", "buildx", "version"] as const;

/** The password comes by stdin: what is typed on a command line others can read. */
export function toLogInCommand(registry: string): readonly string[] {
  return ["docker", "login", "--username", "AWS", "--password-stdin", registry];
}

type Build = Readonly<{
  imageUri: string;
  /** The folder with the Dockerfile. */
  folder: string;
  metadataFile: string;
}>;

/** One platform, no attestations and Docker's media types: SageMaker refuses lists of images and OCI manifests. */
export function toBuildCommand(spec: ImageSpec, { imageUri, folder, metadataFile }: Build): readonly string[] {
  return [
    ...["docker", "buildx", "build", "--platform", spec.platform, "--provenance=false", "--sbom=false"],
    ...["--output", "type=image,oci-mediatypes=false,push=true"],
    ...["--target", spec.target, "--tag", imageUri, "--metadata-file", metadataFile, folder],
  ];
}
