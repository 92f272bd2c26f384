import { openConnection } from "./connection.js";
import { ping } from "./requests.js";

const everyMs = 50;

/** Asks `/ping` twenty times a second until stopped; each answer's time in ms from when it was due. @throws Error for a status other than 200 */
export async function watchPing(port: number): Promise<Readonly<{ stop: () => Promise<readonly number[]> }>> {
  const connection = await openConnection(port);
  let isStopped = false;
  const watch = async () => {
    const timesMs: number[] = [];
    const startedAt = performance.now();
    for (let asked = 0; !isStopped; asked++) {
      const dueAt = startedAt + asked * everyMs;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
      const { status } = await connection.ask(ping);
      if (status !== 200) throw new Error(`/ping answered ${status}`);
      timesMs.push(performance.now() - dueAt);
    }
    connection.close();
    return timesMs;
  };
  const watching = watch();
  // Who stops it hears of a failure, however early it came.
  watching.catch(() => {});
  return {
    stop: () => {
      isStopped = true;
      return watching;
    },
  };
}
