/** One variable's text -> its value, or what it must be, as the end of the sentence "X must be ...". Never throws. */
export type VariableParser<T> = (text: string) => Readonly<{ value: T }> | Readonly<{ must: string }>;

/** Decimal digits alone: "12abc", "1e3", "+1" and " 1" are typing errors, not numbers. */
export function wholeNumber({ min, max }: Readonly<{ min: number; max: number }>): VariableParser<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? { value } : { must: `a whole number from ${min} to ${max}` };
  };
}

/** One of the given words, in lower case as they stand. */
export function oneOf<const Word extends string>(...words: readonly [Word, ...Word[]]): VariableParser<Word> {
  return (text) => {
    const value = words.find((word) => word === text.toLowerCase());
    return value === undefined ? { must: words.join(", ").replace(/, (?=[^,]*$)/, " or ") } : { value };
  };
}

/** `auto`, or what the parser takes. */
export function autoOr<T>(parse: VariableParser<T>): VariableParser<T | "auto"> {
  return (text) => {
    if (text.toLowerCase() === "auto") return { value: "auto" };
    const parsed = parse(text);
    return "must" in parsed ? { must: `auto or ${parsed.must}` } : parsed;
  };
}

/** Python's `True` and JavaScript's `true`, and their opposites. */
export const flag: VariableParser<boolean> = (text) => {
  const word = text.toLowerCase();
  return word === "true" || word === "false" ? { value: word === "true" } : { must: "true or false" };
};

/** As operators' guides switch things: 1 and 0, or words. */
export const onOrOff: VariableParser<boolean> = (text) => {
  const word = text.toLowerCase();
  if (word === "1" || word === "true") return { value: true };
  return word === "0" || word === "false" ? { value: false } : { must: "1, 0, true or false" };
};

/** Some of the given words, each once, with commas between them; the order counts. */
export function listOf<const Word extends string>(
  ...words: readonly [Word, ...Word[]]
): VariableParser<readonly [Word, ...Word[]]> {
  const must = `a list of ${words.join(", ").replace(/, (?=[^,]*$)/, " and ")}, each at most once`;
  return (text) => {
    const [first, ...rest] = text
      .toLowerCase()
      .split(",")
      .map((each) => words.find((word) => word === each.trim()));
    const found = [first, ...rest];
    if (first === undefined || new Set(found).size < found.length) return { must };
    return rest.some((each) => each === undefined) ? { must } : { value: [first, ...(rest as Word[])] };
  };
}

/** A folder; whether it exists is for the reader to find out. */
export const path: VariableParser<string> = (text) => (text.includes("\0") ? { must: "a path" } : { value: text });

export type PortRange = Readonly<{ low: number; high: number }>;

/** `low-high`, both included. */
export const portRange: VariableParser<PortRange> = (text) => {
  const [, low, high] = /^(\d{1,5})-(\d{1,5})$/.exec(text) ?? [];
  const range = { low: Number(low), high: Number(high) };
  return range.low <= range.high && range.high <= 65_535 ? { value: range } : { must: "two ports as low-high" };
};
