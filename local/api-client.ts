/** The API as a program uses it: for the demo, first targets and tests. */
export interface ApiClient {
  /** @throws {Error} with the problem's detail when the answer is not 2xx */
  call(method: string, path: string, body?: unknown): Promise<unknown>;
}

/** @param timeoutMs milliseconds that one call may take */
export function createApiClient(url: string, apiKey: string, timeoutMs = 10_000): ApiClient {
  return {
    async call(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { "x-api-key": apiKey, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
  };
}
