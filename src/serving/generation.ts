/** One use of a generation, which is not closed before it is let go. Letting go twice counts once. */
export type Hold<Service> = Readonly<{ service: Service; letGo: () => void }>;

/** The service in use, and those before it that somebody is still using. */
export type Generations<Service> = Readonly<{
  /** Null before the first. To look at; whoever works with it takes a hold. */
  current: () => Service | null;
  hold: () => Hold<Service> | null;
  /** Serves every hold from now on; the one before is closed when its last hold is let go. After `close` it is closed itself. */
  replace: (next: Service) => void;
  /** How many are not closed yet: two or more for a while after each replacement. */
  open: () => number;
  /** Closes all of them, held or not. Idempotent. @throws what closing one of them threw */
  close: () => Promise<void>;
}>;

type Generation<Service> = {
  readonly service: Service;
  readonly holds: Set<symbol>;
  isRetired: boolean;
  closed: Promise<void> | null;
};

/** No generation yet. Each is closed once; a failure to close a retired one shows when all are closed. */
export function createGenerations<Service>(closeService: (service: Service) => Promise<void>): Generations<Service> {
  const all = new Set<Generation<Service>>();
  const failures: unknown[] = [];
  let current: Generation<Service> | null = null;
  let closing: Promise<void> | null = null;

  function end(generation: Generation<Service>): Promise<void> {
    generation.closed ??= closeService(generation.service)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => all.delete(generation));
    return generation.closed;
  }

  function endWhenUnused(generation: Generation<Service>): void {
    if (generation.isRetired && generation.holds.size === 0) void end(generation);
  }

  function retire(generation: Generation<Service>): void {
    generation.isRetired = true;
    endWhenUnused(generation);
  }

  return {
    current: () => current?.service ?? null,
    hold: () => {
      if (current === null) return null;
      const held = current;
      const holder = Symbol("holder");
      held.holds.add(holder);
      const letGo = () => {
        if (held.holds.delete(holder)) endWhenUnused(held);
      };
      return { service: held.service, letGo };
    },
    replace: (next) => {
      const generation: Generation<Service> = { service: next, holds: new Set(), isRetired: false, closed: null };
      all.add(generation);
      if (closing !== null) return retire(generation);
      const before = current;
      current = generation;
      if (before !== null) retire(before);
    },
    open: () => all.size,
    close: () => {
      closing ??= endAll();
      return closing;
    },
  };

  async function endAll(): Promise<void> {
    await Promise.all([...all].map(end));
    if (failures.length > 0) throw failures[0];
  }
}
