/** Days left at which an owner is warned who names none. */
export const CERTIFICATE_WARNING_DAYS: readonly number[] = [21, 14, 7, 3, 1];
/** Stands for a certificate that has expired. */
const EXPIRED = -1;

/** By certificate, the limit last warned about. */
export type CertificateWarnings = Readonly<Record<string, number>>;

/** Stands for whatever certificate there is: what releases before 0.2 wrote, which knew one for a target. */
export const ANY_CERTIFICATE = "*";
/** Certificates of one target that are remembered: as many backends may take turns. */
const MAX_REMEMBERED = 8;

/**
 * Decides whether a certificate's age is worth a word: once for each limit and certificate, however many take turns
 * behind a name. A fresh one forgets nothing; what it replaces is not seen again. Pure.
 *
 * @param seen the certificate and its days left; `undefined` when there is none
 * @param warningDays days left at which to warn, and once it has expired; none: never
 * @returns the same `warned` when nothing changes, so that nothing needs writing
 */
export function certificateWarning(
  warned: CertificateWarnings,
  seen: { readonly id: string; readonly daysLeft: number } | undefined,
  warningDays: readonly number[] = CERTIFICATE_WARNING_DAYS,
): { warned: CertificateWarnings; warn: boolean } {
  const limits = warningDays.length === 0 ? [] : [EXPIRED, ...warningDays];
  const reached = limits.filter((days) => (seen?.daysLeft ?? Number.POSITIVE_INFINITY) <= days);
  const limit = reached.length === 0 ? undefined : Math.min(...reached);
  if (seen === undefined || limit === undefined) return { warned, warn: false };
  const { [ANY_CERTIFICATE]: any, [seen.id]: own = any, ...others } = warned;
  const warn = own === undefined || limit < own;
  if (!warn && any === undefined) return { warned, warn };
  const kept = Object.entries(others).slice(-(MAX_REMEMBERED - 1));
  return { warned: { ...Object.fromEntries(kept), [seen.id]: warn ? limit : (own ?? limit) }, warn };
}
