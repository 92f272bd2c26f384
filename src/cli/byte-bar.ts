import { SingleBar } from "cli-progress";
import { now } from "../serving/clock.js";

/** A progress bar of bytes; draws on a terminal only. */
export type ByteBar = Readonly<{ show: (state: Readonly<{ done: number; total: number }>) => void; end: () => void }>;

/** A bar that appears with its first state. */
export function createByteBar(): ByteBar {
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{bar} {done} of {size} MB, {rate} MB/s, {left} left",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
  });
  let first: Readonly<{ atMs: number; done: number }> | null = null;
  return {
    show: ({ done, total }) => {
      const texts = { done: toMegabytes(done), size: toMegabytes(total), rate: "-", left: "-" };
      if (first === null) {
        // What an earlier attempt has left says nothing of the speed of this one.
        first = { atMs: now(), done };
        bar.start(total, done, texts);
        return;
      }
      const perSecond = (done - first.done) / Math.max((now() - first.atMs) / 1000, 1e-3);
      if (perSecond <= 0) bar.update(done, texts);
      else bar.update(done, { ...texts, rate: toMegabytes(perSecond), left: toMinutes((total - done) / perSecond) });
    },
    end: () => bar.stop(),
  };
}

function toMegabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** `4:05`. */
function toMinutes(seconds: number): string {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
