/**
 * The head of an HTTP/1.1 request, in Latin-1.
 * @param target path and query, or the whole URL for a proxy @param headers with `host`
 * @throws {TypeError} for what would end a line, or has no byte of its own: such is refused where it is written, and must not
 * become a request of its own where it was not
 */
export function requestHead(method: string, target: string, headers: Readonly<Record<string, string>>): string {
  const lines = [`${method} ${target} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  const odd = lines.find((line) => /[^\t\x20-\x7e\x80-\xff]/.test(line));
  if (odd !== undefined) throw new TypeError(`a header or address cannot be sent: ${JSON.stringify(odd.slice(0, 100))}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}
