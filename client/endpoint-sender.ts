import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { SageMakerRuntimeClientConfig } from "@aws-sdk/client-sagemaker-runtime";
import { InvokeError } from "./invoke-error.js";
import { toPlatformFailure } from "./platform-failure.js";
import type { WireRequest } from "./question.js";
import { type Sender, usualConnections, usualSilenceMs } from "./sender.js";

export type EndpointSettings = Readonly<{
  endpointName: string;
  /** Of several variants the one that shall answer, whatever the weights say. */
  variant?: string | undefined;
  /** Where the SDK's own chain shall not say: environment and profile. */
  region?: string | undefined;
  /** Whatever else the SDK takes, for those who know. */
  sdk?: SageMakerRuntimeClientConfig;
}>;

/** What InvokeEndpoint takes, by the service's own model. */
export const maxSyncBytes = 6 * 2 ** 20;

const connectionTimeoutMs = 10_000;

/** What every client of the platform's runtime is made with: retries are ours alone, or two layers would multiply. */
export function toSdkSettings({ region, sdk = {} }: Pick<EndpointSettings, "region" | "sdk">) {
  const agentSettings = { keepAlive: true, maxSockets: usualConnections };
  return {
    ...(region === undefined ? {} : { region }),
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      socketTimeout: usualSilenceMs,
      httpAgent: new HttpAgent(agentSettings),
      httpsAgent: new HttpsAgent(agentSettings),
    },
    ...sdk,
  } satisfies SageMakerRuntimeClientConfig;
}

/**
 * Through InvokeEndpoint, with the process's own identity. The SDK is loaded here and not before.
 * @throws Error when no region is named anywhere
 */
export async function createEndpointSender(settings: EndpointSettings): Promise<Sender> {
  const { InvokeEndpointCommand, SageMakerRuntimeClient } = await import("@aws-sdk/client-sagemaker-runtime");
  const client = new SageMakerRuntimeClient(toSdkSettings(settings));
  await client.config.region();
  return {
    send: async ({ contentType, body, attributes }: WireRequest, signal) => {
      requireSmall(body);
      const command = new InvokeEndpointCommand({
        EndpointName: settings.endpointName,
        ContentType: contentType,
        Accept: "application/json",
        Body: body,
        ...(attributes === "" ? {} : { CustomAttributes: attributes }),
        ...(settings.variant === undefined ? {} : { TargetVariant: settings.variant }),
      });
      try {
        const { Body } = await client.send(command, { abortSignal: signal });
        return Body ?? new Uint8Array();
      } catch (error) {
        signal.throwIfAborted();
        throw toPlatformFailure(error);
      }
    },
    close: () => client.destroy(),
  };
}

/** The platform would take the whole upload before it says no. */
function requireSmall({ length }: Uint8Array): void {
  if (length <= maxSyncBytes) return;
  const mebibytes = (length / 2 ** 20).toFixed(1);
  throw new InvokeError({
    code: "body_too_large_for_sync",
    message: `the request has ${mebibytes} MiB and InvokeEndpoint takes 6: send a smaller picture, or use an asynchronous endpoint (stygig invoke async)`,
    status: null,
    isRetryable: false,
  });
}
