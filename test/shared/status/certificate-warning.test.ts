import { describe, expect, it } from "vitest";
import { ANY_CERTIFICATE, type CertificateWarnings, certificateWarning } from "../../../shared/status/certificate-warning.ts";

/** What a target is warned about that is seen with these certificates in turn: which, and at how many days. */
function warnings(seen: readonly (readonly [id: string, daysLeft: number])[], warned: CertificateWarnings = {}): string[] {
  let current = warned;
  return seen.flatMap(([id, daysLeft]) => {
    const decision = certificateWarning(current, { id, daysLeft });
    current = decision.warned;
    return decision.warn ? [`${id} ${daysLeft}`] : [];
  });
}
const daily = (id: string, from: number, to: number) => Array.from({ length: from - to + 1 }, (_, index) => [id, from - index] as const);

it("is given once at 21, 14, 7, 3 and 1 days, and once when it has expired", () => {
  expect(warnings(daily("a", 38, -5))).toEqual(["a 21", "a 14", "a 7", "a 3", "a 1", "a -1"]);
});

it("is given once of a certificate that is first seen late, and again only at the next limit", () => {
  expect(
    warnings([
      ["a", 5],
      ["a", 5],
      ["a", 4],
      ["a", 3],
      ["a", 3],
    ]),
  ).toEqual(["a 5", "a 3"]);
});

it("starts anew for a certificate that replaces another", () => {
  expect(
    warnings([
      ["a", 10],
      ["a", 9],
      ["b", 90],
      ["b", 21],
      ["b", 20],
    ]),
  ).toEqual(["a 10", "b 21"]);
});

it("is given once for each of two backends that take turns, whatever the other has", () => {
  const turns = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? (["fresh", 59] as const) : (["old", 4] as const)));
  expect(warnings(turns)).toEqual(["old 4"]);
  const both = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? (["a", 13] as const) : (["b", 4] as const)));
  expect(warnings(both)).toEqual(["a 13", "b 4"]);
});

describe("what earlier releases remembered", () => {
  it("holds for the certificate that is there", () => {
    expect(
      warnings(
        [
          ["a", 6],
          ["a", 5],
          ["a", 3],
        ],
        { [ANY_CERTIFICATE]: 7 },
      ),
    ).toEqual(["a 3"]);
  });
});

it("is not given where there is no certificate, and nothing needs writing while nothing changes", () => {
  const warned = { a: 7 };
  expect(certificateWarning(warned, undefined)).toEqual({ warned, warn: false });
  for (const seen of [undefined, { id: "a", daysLeft: 6 }, { id: "b", daysLeft: 60 }])
    expect(certificateWarning(warned, seen).warned).toBe(warned);
});

it("remembers no more certificates than can take turns", () => {
  let warned: CertificateWarnings = {};
  for (let index = 0; index < 100; index++) warned = certificateWarning(warned, { id: `c${index}`, daysLeft: 2 }).warned;
  expect(Object.keys(warned)).toHaveLength(8);
});

it("is given at the days that a target names, or never", () => {
  const days = (warningDays: readonly number[]) => {
    let warned: CertificateWarnings = {};
    return daily("a", 40, -2).flatMap(([id, daysLeft]) => {
      const decision = certificateWarning(warned, { id, daysLeft }, warningDays);
      warned = decision.warned;
      return decision.warn ? [daysLeft] : [];
    });
  };
  expect(days([5, 30])).toEqual([30, 5, -1]);
  expect(days([])).toEqual([]);
});
