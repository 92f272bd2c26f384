import { connect, type Socket } from "node:net";

/** One answer; bodies are counted, not kept, unless asked for. */
export type Reply = Readonly<{ status: number; retryAfter: string | null; body: string }>;

/** A connection that stays open and carries one request at a time, at a fraction of what a whole HTTP client costs. */
export type Connection = Readonly<{
  /** Sends the pieces, which together are one request, and gives the answer. @throws Error when the connection ends first */
  ask: (pieces: readonly Uint8Array[]) => Promise<Reply>;
  isOpen: () => boolean;
  close: () => void;
}>;

type Waiting = Readonly<{ resolve: (reply: Reply) => void; reject: (error: Error) => void }>;

const headEnd = "\r\n\r\n";

/** To a server on this machine. Every answer must declare its length. */
export function openConnection(port: number): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(converse(socket));
    });
  });
}

function converse(socket: Socket): Connection {
  let waiting: Waiting | null = null;
  let received: Buffer = Buffer.alloc(0);
  let isOpen = true;

  function end(error: Error): void {
    isOpen = false;
    waiting?.reject(error);
    waiting = null;
  }
  socket.on("error", (error) => end(error));
  socket.on("close", () => end(new Error("the connection ended before the answer")));
  socket.on("data", (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    const whole = readReply(received);
    if (whole === null || waiting === null) return;
    received = received.subarray(whole.length);
    if (whole.closes) isOpen = false;
    const { resolve } = waiting;
    waiting = null;
    resolve(whole.reply);
  });
  return {
    ask: (pieces) =>
      new Promise((resolve, reject) => {
        if (!isOpen) return reject(new Error("the connection is closed"));
        waiting = { resolve, reject };
        socket.cork();
        for (const piece of pieces) socket.write(piece);
        socket.uncork();
      }),
    isOpen: () => isOpen,
    close: () => socket.destroy(),
  };
}

/** The first whole answer in these bytes; null while it has not all arrived. @throws Error when it is not one of ours */
function readReply(bytes: Buffer): Readonly<{ reply: Reply; length: number; closes: boolean }> | null {
  const end = bytes.indexOf(headEnd);
  if (end < 0) return null;
  const head = bytes.toString("latin1", 0, end).toLowerCase();
  const header = (name: string) => new RegExp(`\\r\\n${name}: ([^\\r]*)`).exec(head)?.[1] ?? null;
  const bodyBytes = Number(header("content-length") ?? Number.NaN);
  if (!Number.isInteger(bodyBytes)) throw new Error(`an answer without a length: ${head.slice(0, 200)}`);
  const start = end + headEnd.length;
  if (bytes.length < start + bodyBytes) return null;
  return {
    reply: {
      status: Number(head.slice(9, 12)),
      retryAfter: header("retry-after"),
      body: bytes.toString("utf8", start, start + bodyBytes),
    },
    length: start + bodyBytes,
    closes: header("connection") === "close",
  };
}
