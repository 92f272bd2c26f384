import { isatty } from "node:tty";

export type EndSignal = "SIGTERM" | "SIGINT" | "SIGHUP";

export type SignalActions = Readonly<{
  /** SIGHUP, but not from a terminal that closes: nobody is left there to serve. */
  reload: () => void;
  /** Each signal to end after the first. */
  cut: (signal: EndSignal) => void;
}>;

const numbers: Readonly<Record<EndSignal, number>> = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/** Resolves at the first signal to end. Handlers of our own are also what makes signals count in process 1 at all. */
export function listenToSignals({ reload, cut }: SignalActions): Promise<void> {
  const isInTerminal = isatty(0);
  return new Promise((resolve) => {
    let isAsked = false;
    const ask = (signal: EndSignal) => {
      if (isAsked) return cut(signal);
      isAsked = true;
      resolve();
    };
    process.on("SIGTERM", () => ask("SIGTERM"));
    process.on("SIGINT", () => ask("SIGINT"));
    process.on("SIGHUP", () => (isInTerminal ? ask("SIGHUP") : reload()));
  });
}

/**
 * Ends the process here and now, as the signal would have without a handler: whoever started it sees 128 and the signal's
 * number. `process.exit` would wait for the threads, and abort when one of them is inside ONNX Runtime.
 */
export function endBySignal(signal: EndSignal): never {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Only process 1 gets here, which the kernel spares its own signals. Becoming another program ends its threads at once;
  // Node 20, which cannot, has to wait for a run under way. The container's Node can.
  const exitCode = 128 + numbers[signal];
  const { execve } = process as Readonly<{ execve?: (file: string, parameters: readonly string[]) => never }>;
  execve?.(process.execPath, [process.execPath, "--eval", `process.exit(${exitCode})`]);
  process.exit(exitCode);
}
