import type { InvokeEndpointAsyncCommandInput } from "@aws-sdk/client-sagemaker-runtime";
import { type EndpointSettings, toSdkSettings } from "./endpoint-sender.js";
import { InvokeError } from "./invoke-error.js";
import { toPlatformFailure } from "./platform-failure.js";

/** Where the answer of an accepted question will be, and its reason if there is none. */
export type AsyncTicket = Readonly<{
  inferenceId: string;
  outputLocation: string;
  /** Null where the endpoint has no path for failures: then nothing tells of one. */
  failureLocation: string | null;
}>;

/** What is asked: its bytes, or where they lie. Never both. */
export type AsyncInput = Readonly<{ contentType: string; attributes: string }> &
  (Readonly<{ body: Uint8Array }> | Readonly<{ inputLocation: string }>);

export type AsyncTimes = Readonly<{
  /** How long it may wait for an instance, in s: 60 to 21,600. */
  ttlSeconds?: number | undefined;
  /** How long the model may take, in s: 1 to 3,600. */
  invocationSeconds?: number | undefined;
}>;

/** Hands questions to an asynchronous endpoint. */
export type AsyncSubmitter = Readonly<{
  /** @throws InvokeError; the signal's reason */
  submit: (input: AsyncInput, signal: AbortSignal) => Promise<AsyncTicket>;
  close: () => void;
}>;

/** Through InvokeEndpointAsync, with the process's own identity. @throws Error when no region is named anywhere */
export async function createAsyncSubmitter(settings: EndpointSettings & AsyncTimes): Promise<AsyncSubmitter> {
  const { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } = await import("@aws-sdk/client-sagemaker-runtime");
  const client = new SageMakerRuntimeClient(toSdkSettings(settings));
  await client.config.region();
  return {
    submit: async (input, signal) => {
      try {
        const command = new InvokeEndpointAsyncCommand(toCommandInput(settings, input));
        return toTicket(await client.send(command, { abortSignal: signal }));
      } catch (error) {
        signal.throwIfAborted();
        throw toPlatformFailure(error);
      }
    },
    close: () => client.destroy(),
  };
}

function toCommandInput(
  { endpointName, ttlSeconds, invocationSeconds }: EndpointSettings & AsyncTimes,
  input: AsyncInput,
): InvokeEndpointAsyncCommandInput {
  return {
    EndpointName: endpointName,
    ContentType: input.contentType,
    Accept: "application/json",
    ...("body" in input ? { Body: input.body } : { InputLocation: input.inputLocation }),
    ...(input.attributes === "" ? {} : { CustomAttributes: input.attributes }),
    ...(ttlSeconds === undefined ? {} : { RequestTTLSeconds: ttlSeconds }),
    ...(invocationSeconds === undefined ? {} : { InvocationTimeoutSeconds: invocationSeconds }),
  };
}

type SubmitOutput = Readonly<{
  InferenceId?: string | undefined;
  OutputLocation?: string | undefined;
  FailureLocation?: string | undefined;
}>;

function toTicket({ InferenceId, OutputLocation, FailureLocation }: SubmitOutput): AsyncTicket {
  if (OutputLocation !== undefined) {
    return { inferenceId: InferenceId ?? "", outputLocation: OutputLocation, failureLocation: FailureLocation ?? null };
  }
  const message = "the endpoint took the question and did not say where its answer will be";
  throw new InvokeError({ code: "answer_malformed", message, status: 202, isRetryable: false });
}
