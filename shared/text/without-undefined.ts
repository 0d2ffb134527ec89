/** The fields that are there: DynamoDB has no undefined, and optional fields are left out. */
export function withoutUndefined<T extends object>(value: T): { [Name in keyof T]?: Exclude<T[Name], undefined> } {
  // Nothing is left that is undefined.
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [Name in keyof T]?: Exclude<T[Name], undefined>;
  };
}
