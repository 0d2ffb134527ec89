import { expect, it } from "vitest";
import { certificateWarning } from "../../../shared/status/certificate-warning.ts";

/** Days at which a certificate that is looked at each day is warned about. */
function warnedDays(days: readonly number[]): number[] {
  let warnedAt: number | undefined;
  return days.filter((daysLeft) => {
    const decision = certificateWarning(warnedAt, daysLeft);
    warnedAt = decision.warnedAt;
    return decision.warn;
  });
}

it("warns once at 21, 14, 7, 3 and 1 days", () => {
  expect(warnedDays(Array.from({ length: 40 }, (_, index) => 38 - index))).toEqual([21, 14, 7, 3, 1]);
});

it("warns once of a certificate that is first seen late, and again only at the next limit", () => {
  expect(warnedDays([5, 5, 4, 3, 3])).toEqual([5, 3]);
});

it("starts anew when the certificate was renewed", () => {
  expect(warnedDays([10, 9, 90, 21, 20])).toEqual([10, 21]);
});

it("says nothing where there is no certificate", () => {
  expect(certificateWarning(14, undefined)).toEqual({ warnedAt: 14, warn: false });
});
