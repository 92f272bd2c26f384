import type { ServiceError } from "../domain/errors.js";

/** A part of a budget, held until it is given back; giving back twice counts once. */
export type Hold = Readonly<{
  /** @throws as `take`; what was held before stays held */
  grow: (by: number) => void;
  giveBack: () => void;
}>;

/** How much of something may be held at once, such as bytes or pixels. Who is alone may hold any amount. */
export type Budget = Readonly<{
  /** Goes before those who wait. @throws `refuse`'s error when there is no room */
  take: (amount: number) => Hold;
  /** Waits in order until there is room. @throws the signal's reason as soon as it is aborted */
  wait: (amount: number, signal: AbortSignal) => Promise<Hold>;
  held: () => number;
}>;

type Waiter = Readonly<{ amount: number; enter: () => void }>;

export function createBudget(limit: number, refuse: () => ServiceError): Budget {
  const amounts = new Map<symbol, number>();
  const waiters: Waiter[] = [];
  const held = () => [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
  const fits = (amount: number) => amounts.size === 0 || held() + amount <= limit;

  function letIn(): void {
    while (waiters[0] !== undefined && fits(waiters[0].amount)) waiters.shift()!.enter();
  }

  function hold(amount: number): Hold {
    const holder = Symbol("holder");
    amounts.set(holder, amount);
    return {
      grow: (by) => {
        const own = amounts.get(holder);
        if (own === undefined) return;
        if (amounts.size > 1 && held() + by > limit) throw refuse();
        amounts.set(holder, own + by);
      },
      giveBack: () => {
        if (amounts.delete(holder)) letIn();
      },
    };
  }

  return {
    held,
    take: (amount) => {
      if (!fits(amount)) throw refuse();
      return hold(amount);
    },
    wait: (amount, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (waiters.length === 0 && fits(amount)) return resolve(hold(amount));
        const enter = () => {
          signal.removeEventListener("abort", leave);
          resolve(hold(amount));
        };
        const waiter: Waiter = { amount, enter };
        function leave(): void {
          waiters.splice(waiters.indexOf(waiter), 1);
          reject(signal.reason);
          // Whoever comes next may fit where this one did not.
          letIn();
        }
        signal.addEventListener("abort", leave, { once: true });
        waiters.push(waiter);
      }),
  };
}
