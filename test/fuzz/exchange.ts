import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { HostileRequest, Step } from "./corpus/hostile-request.js";
import { type Received, readAnswers } from "./read-answers.js";

export type Exchange = Received &
  Readonly<{
    /** All bytes that came back. */
    received: Buffer;
    /** Who was the first to end the connection, or nobody until the time was over. */
    endedBy: "server" | "client" | "nobody";
  }>;

/**
 * Does to a connection of its own what the request says, and reads until the connection is closed. Where enough answers
 * have come and nothing more is to be seen, the client says that it is done.
 */
export async function exchange(port: number, request: HostileRequest, limitMs: number): Promise<Exchange> {
  const { steps, expects } = request;
  const { isHead = false, answers: [, most] = [1, 1], endsByServer = false } = expects;
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const pieces: Buffer[] = [];
  let endedBy: Exchange["endedBy"] | null = null;
  let areStepsDone = false;
  const received = () => Buffer.concat(pieces);
  const noteEnd = (who: Exchange["endedBy"]) => {
    endedBy ??= who;
  };
  const endWhenAnswered = () => {
    if (!areStepsDone || endsByServer || readAnswers(received(), { isHead }).answers.length < most) return;
    noteEnd("client");
    socket.end();
  };
  socket.on("data", (piece: Buffer) => {
    pieces.push(piece);
    endWhenAnswered();
  });
  socket.on("end", () => {
    noteEnd("server");
    socket.end();
  });
  // A server that resets has ended it; how much of an answer came is for the judge.
  socket.on("error", () => noteEnd("server"));
  const closed = new Promise<void>((resolve) => void socket.once("close", () => resolve()));
  const limit = setTimeout(() => {
    noteEnd("nobody");
    socket.destroy();
  }, limitMs);
  for (const step of steps) {
    if (step.do === "reset" || step.do === "half-close") noteEnd("client");
    await Promise.race([take(socket, step), closed]);
  }
  areStepsDone = true;
  endWhenAnswered();
  await closed;
  clearTimeout(limit);
  return { ...readAnswers(received(), { isHead }), received: received(), endedBy: endedBy ?? "server" };
}

async function take(socket: Socket, step: Step): Promise<void> {
  if (socket.destroyed) return;
  switch (step.do) {
    case "send":
      await new Promise<void>((resolve) => void socket.write(step.bytes, () => resolve()));
      return;
    case "trickle":
      return trickle(socket, step.bytes, step.everyMs);
    case "half-close":
      socket.end();
      return;
    case "reset":
      socket.resetAndDestroy();
      return;
    case "await-answer":
      await once(socket, "data").catch(() => {});
      return;
    case "stop-reading": {
      socket.pause();
      const reading = setTimeout(() => socket.resume(), step.forMs);
      socket.once("close", () => clearTimeout(reading));
    }
  }
}

/** Resolves when all is sent, or when the other side has ended the connection. */
function trickle(socket: Socket, bytes: Uint8Array, everyMs: number): Promise<void> {
  return new Promise((resolve) => {
    let at = 0;
    const stop = () => {
      clearInterval(drops);
      resolve();
    };
    const drops = setInterval(() => {
      if (at >= bytes.length || !socket.writable || socket.readableEnded) return stop();
      socket.write(bytes.subarray(at, ++at));
    }, everyMs);
    socket.once("close", stop).once("end", stop);
  });
}
