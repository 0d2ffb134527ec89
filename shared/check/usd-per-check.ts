/**
 * What a check adds to the bill of a deployment in AWS, in USD: from 1,000 to 10,000 targets, `npm run cost` has $168 more
 * for 778 million checks a month (us-east-1, list prices, data transfer included; 2026-11-27).
 */
export const USD_PER_CHECK = 168 / 777.6e6;

/**
 * What a look from another region adds, in USD: `npm run cost -- --from 3` has $45 more for 25.7 million looks a month
 * (1,000 targets; 2026-11-28). Most of it is the probe's time.
 */
export const USD_PER_LOOK = 45 / 25.7e6;
