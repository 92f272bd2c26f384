/** A month as AWS bills it. V4's guide used 720 and 730 side by side. */
export const hoursPerMonth = 730;

/** Looks of a month that goes on at one rate. */
export function looksPerMonth(rps: number): number {
  return rps * hoursPerMonth * 3600;
}

/** What a million looks cost on an instance that does this many a second, all its GPUs together. */
export function usdPerMillion(usdPerHour: number, looksPerSecond: number): number {
  return (usdPerHour / 3600 / looksPerSecond) * 1e6;
}

/** How long so many looks take one after the other, in hours. */
export function hoursOfWork(looks: number, msEach: number): number {
  return (looks * msEach) / 3_600_000;
}

/** One kind of instance in a comparison: its price, and the looks a second that it may be given. */
export type FleetUnit = Readonly<{ usdPerHour: number; usableRps: number }>;

/** USD an hour of the whole instances that a rate needs. */
export function fleetUsdPerHour({ usdPerHour, usableRps }: FleetUnit, rps: number): number {
  return Math.ceil(rps / usableRps - 1e-9) * usdPerHour;
}

/**
 * The rate above which a fleet of `dear` instances costs less than one of `cheap` ones for the first time, whole instances
 * counted; null when that never happens. It can only begin where another cheap instance becomes necessary.
 */
export function breakEvenRps(cheap: FleetUnit, dear: FleetUnit): number | null {
  const mostSteps = 10_000;
  for (let count = 0; count < mostSteps; count++) {
    const rps = count * cheap.usableRps;
    const justAbove = rps + cheap.usableRps * 1e-6;
    if (fleetUsdPerHour(dear, justAbove) < fleetUsdPerHour(cheap, justAbove)) return rps;
  }
  return null;
}

/** What an instance must do a second to cost as little a look as another. */
export function rpsToMatch(other: FleetUnit, usdPerHour: number): number {
  return (usdPerHour / other.usdPerHour) * other.usableRps;
}
