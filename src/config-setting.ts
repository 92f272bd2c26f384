import type { VariableParser } from "./config-parsers.js";

/** One setting of the server. Of its variables the first one that is set counts; a blank value counts as unset. */
export type Setting<T> = Readonly<{
  variables: readonly [string, ...string[]];
  parse: VariableParser<T>;
  usual: NoInfer<T>;
  unit: "bytes" | "ms" | "pixels" | null;
  help: string;
}>;

/** Ties a setting's parser to its usual value. */
export const setting = <T>(each: Setting<T>): Setting<T> => each;
