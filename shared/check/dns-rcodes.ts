/** Answers of a name server that can be expected, and how c-ares says them. */
export const RCODES = { NOERROR: undefined, NXDOMAIN: "ENOTFOUND", SERVFAIL: "ESERVFAIL", REFUSED: "EREFUSED" } as const;
export type Rcode = keyof typeof RCODES;

export const EXPECTED_RCODES = Object.keys(RCODES) as [Rcode, ...Rcode[]]; // the keys, and there is one
