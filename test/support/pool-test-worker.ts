import { isMainThread, threadId, workerData } from "node:worker_threads";
import { serveRequests } from "../../src/adapters/worker-port.js";
import { ServiceError } from "../../src/domain/errors.js";

/** What the tests may ask of a thread. */
export type TestRequest = Readonly<
  | { do: "add"; numbers: Uint8Array }
  | { do: "threadId" | "throw" | "refuse" | "exit" | "crash" | "hang" | "replyUnsendable" | "exitSoon" | "place" }
  | { do: "wait"; gate: SharedArrayBuffer }
>;

/** `numbers` are those of an `add` request, sent back by transfer. */
export type TestReply = Readonly<{ value: number; numbers?: Uint8Array; code?: string }>;

/** `failsToStart`: throw before serving, as a model that cannot be loaded would. */
export type TestStart = Readonly<{ failsToStart: boolean; place: number }>;

async function answer(request: TestRequest) {
  switch (request.do) {
    case "add": {
      const value = request.numbers.reduce((sum, number) => sum + number, 0);
      const { numbers } = request;
      return { reply: { value, numbers }, transfer: [numbers.buffer as ArrayBuffer] };
    }
    case "threadId":
      return { reply: { value: threadId } };
    case "place":
      return { reply: { value: (workerData as TestStart).place } };
    case "throw":
      throw new TypeError("no such thing");
    case "refuse":
      throw new ServiceError("image_undecodable", { bytes: 3 }, new Error("not a picture"));
    case "exit":
      process.exit(7);
      break;
    case "crash":
      // Outside any promise, as a fault in a callback is.
      setImmediate(() => {
        throw new Error("crashed on purpose");
      });
      return await new Promise<never>(() => {});
    case "exitSoon":
      setImmediate(() => process.exit(9));
      return { reply: { value: 0 } };
    case "hang":
      return await new Promise<never>(() => setInterval(() => {}, 1000));
    case "replyUnsendable":
      return { reply: { value: (() => 1) as unknown as number } };
    case "wait":
      Atomics.wait(new Int32Array(request.gate), 0, 0);
      return { reply: { value: threadId } };
  }
}

if (!isMainThread) {
  if ((workerData as TestStart).failsToStart) throw new Error("cannot start on purpose");
  serveRequests<TestRequest, TestReply>(answer);
}
