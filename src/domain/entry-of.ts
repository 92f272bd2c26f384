/** The table's own entry for a key that may come from outside: "constructor" is no entry of any table. */
export function entryOf<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
