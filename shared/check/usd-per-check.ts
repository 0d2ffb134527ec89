/**
 * What a check adds to the bill of a deployment in AWS, in USD: from 1,000 to 10,000 targets, `npm run cost` has $168 more
 * for 778 million checks a month (us-east-1, list prices, data transfer included; 2026-11-27).
 */
export const USD_PER_CHECK = 168 / 777.6e6;
