import { onTestFinished, vi } from "vitest";
import type { ImageHost } from "./image-host.js";

/** Lets the SDK find that server, and an identity, where it looks by itself, until the test is over. */
export function stubS3Environment({ port }: ImageHost): void {
  vi.stubEnv("AWS_ENDPOINT_URL_S3", `http://127.0.0.1:${port}`);
  vi.stubEnv("AWS_REGION", "eu-west-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  onTestFinished(() => void vi.unstubAllEnvs());
}
