/*
 * List prices in us-east-1, USD, without free tiers, gathered 2026-11-23 from copies of AWS's pages and from
 * outputs of the price list. One place, so that a price is mended once. To check one: https://aws.amazon.com/<service>/pricing/
 */

/** When these were gathered. */
export const PRICES_AS_OF = "2026-11-23";

export const PRICES = {
  lambda: { perGbSecondArm: 0.0000133334, perRequest: 0.2e-6 },
  // The first 1,000 GB-hours a month; the loop stays below them.
  stepFunctionsExpress: { perRequest: 1e-6, perGbSecond: 0.00001667, memoryStepMb: 64, durationStepMs: 100 },
  dynamo: { perWriteUnit: 0.625e-6, perReadUnit: 0.125e-6, perGbMonth: 0.25, perBackupGbMonth: 0.2 },
  // Serverless v2, Standard.
  aurora: { perAcuHour: 0.12, perGbMonth: 0.1, perIo: 0.2e-6 },
  // A call is counted once for each 32 KB of data.
  dataApi: { perRequest: 0.35e-6, bytesPerRequest: 32 * 1024 },
  apiGatewayRest: { perRequest: 3.5e-6 },
  cloudWatch: { perMetricMonth: 0.3, perAlarmMonth: 0.1, perDashboardMonth: 3, perLogGb: 0.5, perLogGbMonth: 0.03 },
  s3: { perPut: 5e-6, perGet: 0.4e-6 },
  kms: { perKeyMonth: 1 },
  secretsManager: { perSecretMonth: 0.4 },
  // Sent by an HTTPS check with a fresh connection: 566 B measured of the check, about 1,036 B with TCP, IP and TLS.
  dataTransfer: { perGbOut: 0.09, bytesPerCheck: 1_036 },
} as const;

/** What others ask for watching `targets` HTTPS addresses every `intervalSeconds` from one place, in USD a month. */
export interface Peer {
  readonly name: string;
  readonly monthly: (targets: number, intervalSeconds: number) => number | undefined;
  readonly note: string;
}

const runsAMonth = (targets: number, intervalSeconds: number) => (targets * 30 * 86_400) / intervalSeconds;

export const PEERS: readonly Peer[] = [
  {
    name: "Route 53 health checks",
    monthly: (targets, interval) => (interval >= 30 ? targets * 2.75 : undefined),
    note: "$0.75 for an address outside AWS at 30 s, and $2 for HTTPS",
  },
  {
    name: "CloudWatch Synthetics",
    monthly: (targets, interval) => runsAMonth(targets, Math.max(60, interval)) * 0.0012,
    note: "$0.0012 a run, at 60 s where 30 s were asked: it has no shorter; Lambda and S3 come on top",
  },
  {
    name: "Datadog Synthetics API tests",
    monthly: (targets, interval) => runsAMonth(targets, interval) * 0.0005,
    note: "$5 for 10,000 runs, billed annually",
  },
  {
    name: "Better Stack",
    monthly: (targets, interval) => (interval >= 30 ? 34 + Math.max(0, Math.ceil((targets - 10) / 50)) * 25 : undefined),
    note: "$25 for 50 monitors at 30 s, and $34 for one responder",
  },
  {
    name: "Checkly URL monitors",
    monthly: (targets, interval) => (interval >= 30 ? 64 + Math.max(0, Math.ceil((targets - 75) / 25)) * 10 : undefined),
    note: "$64 with 75 monitors at 30 s, and $10 for each 25 more",
  },
];
