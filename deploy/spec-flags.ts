/** Flags by their names without dashes; one that may come several times is a list, a switch is true or false. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** Reads flags one by one; what is wrong is noted, and something harmless stands in for it meanwhile. */
export type FlagReader = Readonly<{
  text: (name: string) => string | undefined;
  /** A text that must be there; `what` says what it is. */
  required: (name: string, what: string) => string;
  texts: (name: string) => readonly string[];
  isOn: (name: string) => boolean;
  wholeNumber: (name: string, usual: number, range: Readonly<{ min: number; max: number }>) => number;
  /** Digits with or without a point, above zero; null where the flag is not given. */
  rate: (name: string, max: number) => number | null;
  oneOf: <const Word extends string>(name: string, usual: Word, words: readonly Word[]) => Word;
  /** A flag of a form of its own. */
  matching: (name: string, text: string, pattern: RegExp, must: string) => string;
  isGiven: (name: string) => boolean;
  refuse: (problem: string) => void;
}>;

/** A reader that adds each problem to `problems`, one sentence with the flag's name. */
export function createFlagReader(flags: Flags, problems: string[]): FlagReader {
  const text = (name: string): string | undefined => {
    const value = flags[name];
    return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
  };
  const refuse = (problem: string): void => {
    problems.push(problem);
  };
  return {
    text,
    refuse,
    isGiven: (name) => flags[name] !== undefined,
    isOn: (name) => flags[name] === true,
    texts: (name) => {
      const value = flags[name];
      return Array.isArray(value) ? (value as readonly string[]) : [];
    },
    required: (name, what) => {
      const value = text(name);
      if (value === undefined) refuse(`--${name} is missing: ${what}`);
      return value ?? "";
    },
    wholeNumber: (name, usual, { min, max }) => {
      const given = text(name);
      if (given === undefined) return usual;
      const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
      if (value >= min && value <= max) return value;
      refuse(`--${name} must be a whole number from ${min} to ${max}, not "${given}"`);
      return usual;
    },
    rate: (name, max) => {
      const given = text(name);
      if (given === undefined) return null;
      const value = /^\d{1,9}(\.\d{1,9})?$/.test(given) ? Number(given) : Number.NaN;
      if (value > 0 && value <= max) return value;
      refuse(`--${name} must be a number above 0 and at most ${max}, not "${given}"`);
      return null;
    },
    oneOf: (name, usual, words) => {
      const given = text(name);
      const found = words.find((word) => word === given);
      if (given !== undefined && found === undefined) {
        refuse(`--${name} must be ${words.join(", ").replace(/, (?=[^,]*$)/, " or ")}, not "${given}"`);
      }
      return found ?? usual;
    },
    matching: (name, value, pattern, must) => {
      if (value !== "" && !pattern.test(value)) refuse(`--${name} must be ${must}, not "${value}"`);
      return value;
    },
  };
}
