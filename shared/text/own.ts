/**
 * What a map has under a name that came from outside: `constructor` and the like are nobody's names.
 * @param values an object that is used as a map
 */
export function own<Value>(values: Readonly<Record<string, Value>>, name: PropertyKey): Value | undefined {
  return Object.hasOwn(values, name) ? values[name as string] : undefined; // it has it
}
