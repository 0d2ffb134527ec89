import { expect, it } from "vitest";
import { decodeTimeCursor } from "../../functions/api/paging.ts";
import { waitingChecks } from "../../functions/api/waiting-checks.ts";
import type { WaitingCheck } from "../../shared/log/recent-checks.ts";

const NOW = Date.parse("2026-11-28T08:00:00Z");

const row = (at: string, target: number): WaitingCheck => ({
  at,
  target,
  status: 1,
  interval_s: 30,
  attempts: 1,
  http_status: 200,
  error_class: null,
  error: null,
  total_ms: 12,
  dns_ms: null,
  connect_ms: null,
  tls_ms: null,
  ttfb_ms: null,
  transfer_ms: null,
  address: null,
  certificate_days: null,
});

it("loses no check between two pages, however many were made in one moment", async () => {
  const marks = ["2026-11-28T07:59:30Z", "2026-11-28T07:59:00.000Z", "2026-11-28T07:58:30Z"];
  const rows = marks.flatMap((at) => [1, 2, 3, 4, 5, 6].map((target) => row(at, target)));
  const names = new Map([1, 2, 3, 4, 5, 6].map((seq) => [seq, { id: String(seq), name: `t${seq}` }]));
  const sleeping = {
    rest: { state: async () => ({ awakeUntil: 0, wokenAt: 0, wakingSince: 0, writtenAt: 0 }) },
    recent: { since: async () => rows },
  };
  const deps = { sleeping, clock: { now: () => NOW, sleep: async () => undefined } } as never; // what is read of it
  const found: string[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 10; pages++) {
    const options = { from: "2026-11-28T07:30:00Z", to: "2026-11-28T08:00:00Z", limit: 4, before: decodeTimeCursor(cursor) };
    const page = await waitingChecks(deps, names, options);
    found.push(...(page?.items ?? []).map((check) => JSON.stringify(check)));
    if (page?.next == null) break;
    cursor = page.next;
  }
  expect(found).toHaveLength(18);
  expect(new Set(found).size).toBe(18);
});
