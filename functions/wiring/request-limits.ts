/** The SDK itself waits for an answer for ever. Milliseconds; these services answer within tens. */
export const REQUEST_LIMITS = { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true };
