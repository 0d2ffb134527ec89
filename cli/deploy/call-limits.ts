const TIMEOUT_MS = 15_000;

/** How long a call of AWS may take before a deploy. */
export const CALL_LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, throwOnRequestTimeout: true },
};
