import { toFailureKind } from "./aws-failure.js";

/** What a look at AWS found, or why it may be tried again. */
export type Look<Found> = Readonly<{ found: Found }> | Readonly<{ error: unknown }>;

/** Looks once. @throws the error of a look that will go on failing, or that somebody has cut short */
export async function look<Found>(read: () => Promise<Found>): Promise<Look<Found>> {
  try {
    return { found: await read() };
  } catch (error) {
    if (toFailureKind(error) !== "other" || (error instanceof Error && error.name === "AbortError")) throw error;
    return { error };
  }
}
