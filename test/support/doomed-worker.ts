import { BroadcastChannel, isMainThread, threadId, type Worker } from "node:worker_threads";

/** How a worker ends, or with "abort" the whole process. */
export type Doom = Readonly<{ pool: "encoder" | "decoder"; how: "throw" | "exit" | "terminate" | "abort" }>;

type Message = Readonly<{ doom: Doom }> | Readonly<{ terminate: number }>;

/**
 * Comes before the server, by `--import`, in its main thread and in each of its workers: ends the workers of a pool when
 * the test says so over the process's channel. Nothing of the server knows of it.
 */
const channel = new BroadcastChannel("doom");
channel.unref();
const send = (message: Message) => channel.postMessage(message);

if (isMainThread) watchWorkers();
else channel.onmessage = (event) => obey((event as Readonly<{ data: Message }>).data);

function watchWorkers(): void {
  const workers = new Map<number, Worker>();
  process.on("worker", (worker) => void workers.set(worker.threadId, worker));
  process.on("message", (doom: Doom) => send({ doom }));
  process.channel?.unref();
  channel.onmessage = (event) => {
    const { data } = event as Readonly<{ data: Message }>;
    if ("terminate" in data) void workers.get(data.terminate)?.terminate();
  };
}

function obey(message: Message): void {
  const scripts = { encoder: "onnx-encoder-worker", decoder: "image-decoder-worker" } as const;
  if (!("doom" in message) || !process.argv[1]?.includes(scripts[message.doom.pool])) return;
  switch (message.doom.how) {
    case "throw":
      throw new Error("ended on purpose");
    case "exit":
      process.exit(7);
      break;
    case "terminate":
      send({ terminate: threadId });
      break;
    case "abort":
      // As native code that goes wrong does it.
      process.kill(process.pid, "SIGABRT");
  }
}
