/** Header names are case-insensitive; ours are lower case. */
export function lowerCaseNames(headers: Readonly<Record<string, string | undefined>> | null): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
}
