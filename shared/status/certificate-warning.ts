/** Days left at which the owner is warned, once each. The same for all targets. */
const CERTIFICATE_WARNING_DAYS = [21, 14, 7, 3, 1] as const;

/**
 * Decides whether a certificate's age is worth a word. Pure.
 *
 * @param warnedAt the limit last warned about; `undefined` when the certificate was fresh
 * @returns the new `warnedAt`, and whether to warn
 */
export function certificateWarning(
  warnedAt: number | undefined,
  daysLeft: number | undefined,
): { warnedAt: number | undefined; warn: boolean } {
  if (daysLeft === undefined) return { warnedAt, warn: false };
  const limit = CERTIFICATE_WARNING_DAYS.findLast((days) => daysLeft <= days);
  const warn = limit !== undefined && (warnedAt === undefined || limit < warnedAt);
  // A renewed certificate starts anew.
  return { warnedAt: limit, warn };
}
