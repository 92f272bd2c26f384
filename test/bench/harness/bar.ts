/** A figure with a limit. `limitIs` says which side of it is good. */
export type Bar = Readonly<{
  name: string;
  value: number;
  limit: number;
  limitIs: "least" | "most";
  pass: boolean;
}>;

/** Good from `limit` upward. A value that is not a number passes nothing. */
export function atLeast(name: string, value: number, limit: number): Bar {
  return { name, value, limit, limitIs: "least", pass: value >= limit };
}

/** Good up to `limit`. A value that is not a number passes nothing. */
export function atMost(name: string, value: number, limit: number): Bar {
  return { name, value, limit, limitIs: "most", pass: value <= limit };
}
