/** Either the value or every problem found, one sentence each. */
export type Parsed<T> = Readonly<{ value: T }> | Readonly<{ problems: readonly [string, ...string[]] }>;
