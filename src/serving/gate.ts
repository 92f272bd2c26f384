import { ServiceError } from "../domain/errors.js";
import { type Backlog, noBacklog, toOverloaded } from "./backlog.js";
import { createBudget } from "./budget.js";

export type GateState = "loading" | "ready" | "stopping";

export type GateOptions = Readonly<{
  /** Most bytes of bodies held at once; one alone may be larger. */
  maxBytes?: number;
  /** What a newcomer has before it right now. */
  backlog?: () => Backlog;
}>;

/** What a request says of itself before its body is read. */
export type Claim = Readonly<{
  /** Its declared length; 0 when it declares none. */
  bytes?: number;
  /** How long it may take. */
  budgetMs?: number;
}>;

export type Visit = Readonly<{
  /** Bytes that arrived undeclared. @throws ServiceError `overloaded` */
  addBytes: (bytes: number) => void;
  /** Leaving twice counts once. */
  leave: () => void;
}>;

/** The one limit on requests in progress, taken before a byte of the body is read; also what `/ping` answers from. */
export type Gate = Readonly<{
  /** @throws ServiceError `overloaded` with the time to come again | `not_ready` | `shutting_down` */
  enter: (claim?: Claim) => Visit;
  inside: () => number;
  bytesInside: () => number;
  state: () => GateState;
  /** "stopping" is final. */
  become: (state: GateState) => void;
  /** Resolves when nobody is inside. */
  whenEmpty: () => Promise<void>;
}>;

/** A gate that starts out "loading" and holds at most `limit` requests at once. */
export function createGate(limit: number, options: GateOptions = {}): Gate {
  const { maxBytes = Number.POSITIVE_INFINITY, backlog = () => noBacklog } = options;
  const bytes = createBudget(maxBytes, () => toOverloaded({ limit_bytes: maxBytes }, backlog()));
  const inside = new Set<symbol>();
  const waiters: (() => void)[] = [];
  let current: GateState = "loading";

  function requireTime(budgetMs: number): void {
    const expected = backlog();
    const expectedMs = expected.waitMs + expected.serviceMs;
    // With nothing ahead a request may try its luck: coming again would not help it.
    if (expected.waitMs === 0 || expectedMs <= budgetMs) return;
    throw toOverloaded({ expected_ms: Math.ceil(expectedMs), limit_ms: budgetMs }, expected);
  }

  return {
    enter: ({ bytes: declaredBytes = 0, budgetMs = Number.POSITIVE_INFINITY } = {}) => {
      if (current === "loading") throw new ServiceError("not_ready");
      if (current === "stopping") throw new ServiceError("shutting_down");
      if (inside.size >= limit) throw toOverloaded({ limit }, backlog());
      requireTime(budgetMs);
      const hold = bytes.take(declaredBytes);
      const visitor = Symbol("visitor");
      inside.add(visitor);
      const leave = () => {
        hold.giveBack();
        if (inside.delete(visitor) && inside.size === 0) for (const wake of waiters.splice(0)) wake();
      };
      return { addBytes: hold.grow, leave };
    },
    inside: () => inside.size,
    bytesInside: bytes.held,
    state: () => current,
    become: (state) => {
      if (current !== "stopping") current = state;
    },
    whenEmpty: () => new Promise((resolve) => (inside.size === 0 ? resolve() : waiters.push(resolve))),
  };
}
