import { Resolver } from "node:dns/promises";
import { isIP } from "node:net";
import { ServiceError } from "../domain/errors.js";

/** Every address of a host name. @throws Error when the name cannot be resolved; the signal's reason when aborted */
export type ResolveHost = (name: string, signal: AbortSignal) => Promise<readonly string[]>;

/**
 * The addresses that a URL's host may be asked at, at least one. @throws ServiceError `reference_not_allowed` |
 * `reference_unreachable`; the signal's reason when aborted
 */
export type GuardAddress = (hostname: string, signal: AbortSignal) => Promise<readonly [string, ...string[]]>;

/** `isAllowed` judges each address by itself. */
export type AddressGuardParts = Readonly<{ resolve: ResolveHost; isAllowed: (address: string) => boolean }>;

/**
 * All addresses of a name must be allowed, not just the one in use: a public name with a private address is wrongly set
 * up or an attack, and picking the good ones would let whoever answers for the name try again.
 */
export function createAddressGuard({ resolve, isAllowed }: AddressGuardParts): GuardAddress {
  return async (hostname, signal) => {
    const literal = hostname.replace(/^\[|\]$/g, "");
    const [first, ...rest] = isIP(literal) === 0 ? await lookUp(resolve, hostname, signal) : [literal];
    if (first === undefined) throw new ServiceError("reference_unreachable", { reason: "the host has no address" });
    if ([first, ...rest].every(isAllowed)) return [first, ...rest];
    throw new ServiceError("reference_not_allowed", { reason: "the host is not on the public internet" });
  };
}

async function lookUp(resolve: ResolveHost, hostname: string, signal: AbortSignal): Promise<readonly string[]> {
  signal.throwIfAborted();
  try {
    return await resolve(hostname, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new ServiceError("reference_unreachable", { reason: "the host's name could not be resolved" }, error);
  }
}

/**
 * Asks the machine's DNS servers, or those given as `address:port`, for both kinds of address. Not the system's own
 * `getaddrinfo`: it cannot be stopped, reads the hosts file, and four slow names at once would hold up every file read.
 */
export function createDnsResolver(servers?: readonly string[]): ResolveHost {
  return async (name, signal) => {
    signal.throwIfAborted();
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      signal.throwIfAborted();
      const addresses = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
      const failure = answers.find((answer) => answer.status === "rejected" && !isNoAnswer(answer.reason));
      // One kind of address is enough, also where the server knows nothing of the other kind and says so by failing.
      if (addresses.length === 0 && failure?.status === "rejected") throw failure.reason;
      return addresses;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  };
}

/** "There is none", which is an answer. */
function isNoAnswer(reason: unknown): boolean {
  const { code } = reason as NodeJS.ErrnoException;
  return code === "ENODATA" || code === "ENOTFOUND";
}
