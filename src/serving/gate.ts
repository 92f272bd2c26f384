import { ServiceError } from "../domain/errors.js";

export type GateState = "loading" | "ready" | "stopping";

/** The one limit on requests in progress, taken before a byte of the body is read; also what `/ping` answers from. */
export type Gate = Readonly<{
  /** Returns the function that leaves again; leaving twice counts once. @throws ServiceError `overloaded` | `not_ready` | `shutting_down` */
  enter: () => () => void;
  inside: () => number;
  state: () => GateState;
  /** "stopping" is final. */
  become: (state: GateState) => void;
  /** Resolves when nobody is inside. */
  whenEmpty: () => Promise<void>;
}>;

/** A gate that starts out "loading" and holds at most `limit` at once. */
export function createGate(limit: number): Gate {
  const inside = new Set<symbol>();
  const waiters: (() => void)[] = [];
  let current: GateState = "loading";

  function leave(visitor: symbol): void {
    if (inside.delete(visitor) && inside.size === 0) for (const wake of waiters.splice(0)) wake();
  }

  return {
    enter: () => {
      if (current === "loading") throw new ServiceError("not_ready");
      if (current === "stopping") throw new ServiceError("shutting_down");
      if (inside.size >= limit) throw new ServiceError("overloaded", { limit });
      const visitor = Symbol("visitor");
      inside.add(visitor);
      return () => leave(visitor);
    },
    inside: () => inside.size,
    state: () => current,
    become: (state) => {
      if (current !== "stopping") current = state;
    },
    whenEmpty: () => new Promise((resolve) => (inside.size === 0 ? resolve() : waiters.push(resolve))),
  };
}
