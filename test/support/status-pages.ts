import type { MaintenanceWindow } from "../../shared/alert/maintenance.ts";
import type { ManualIncident } from "../../shared/alert/manual-incident.ts";
import type { DayTotals, PageIncident } from "../../shared/log/log-pages.ts";
import { daysOf } from "../../shared/page/page-days.ts";
import type { PageHistory, PageParts } from "../../shared/page/page-view.ts";
import type { StatusPage } from "../../shared/page/status-page.ts";
import type { Target } from "../../shared/targets/target.ts";

/** A page of one section, with what a test says. */
export function statusPage(overrides: Partial<StatusPage> = {}): StatusPage {
  return {
    slug: "acme",
    key: "0123456789abcdef0123456789abcdef",
    version: 1,
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    title: "Acme",
    scheme: "auto",
    timeZone: "UTC",
    visibility: "public",
    noindex: false,
    historyDays: 30,
    incidentDetail: "times",
    sections: [{ name: "All", targets: [], tags: ["public"], groups: [] }],
    ...overrides,
  };
}

export function window(overrides: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  return {
    id: "00000000-0000-4000-8000-0000000000aa",
    version: 1,
    createdAt: "2026-01-01T00:00:00.000Z",
    name: "Disks",
    kind: "maintenance",
    targets: [],
    tags: [],
    groups: [],
    all: true,
    timeZone: "UTC",
    ...overrides,
  };
}

export function manualIncident(overrides: Partial<ManualIncident> = {}): ManualIncident {
  const startedAt = overrides.startedAt ?? "2026-11-25T10:00:00.000Z";
  return {
    id: "00000000-0000-4000-8000-0000000000bb",
    title: "Payments are slow",
    severity: "degraded",
    targets: [],
    public: true,
    startedAt,
    endedAt: null,
    version: 1,
    updates: [{ at: startedAt, by: "token:ann", status: "investigating", text: "We look into it.", public: true }],
    ...overrides,
  };
}

/** Days that were up as a whole, until now, but for the incidents: what a log would tell of them. @param now epoch ms */
export function historyOf(page: StatusPage, targets: readonly Target[], incidents: readonly PageIncident[], now: number): PageHistory {
  const days = new Map(
    targets.map((target) => {
      const created = Date.parse(target.createdAt);
      const seconds = daysOf(page, now).flatMap(({ date, from, to }): [string, DayTotals][] => {
        const begin = Math.max(from, created);
        const length = Math.max(0, Math.min(to, now) - begin) / 1_000;
        const down = incidents
          .filter(({ seq }) => seq === target.seq)
          .reduce(
            (sum, { since, until }) =>
              sum + Math.max(0, Math.min(until ?? now / 1_000, Math.min(to, now) / 1_000) - Math.max(since, begin / 1_000)),
            0,
          );
        const totals = { up: Math.round(length - down), degraded: 0, down: Math.round(down), maintenance: 0, incidents: down > 0 ? 1 : 0 };
        return length === 0 ? [] : [[date, totals]];
      });
      return [target.seq, new Map(seconds)];
    }),
  );
  return { to: now / 1_000, days, incidents, latencies: new Map(targets.map(({ seq }) => [seq, 40 + seq])), maintenance: new Map() };
}

export function partsOf(overrides: Partial<PageParts> & Pick<PageParts, "targets" | "now">): PageParts {
  const page = overrides.page ?? statusPage();
  return { page, manual: [], windows: [], history: historyOf(page, overrides.targets, [], overrides.now), ...overrides };
}

/** An incident that a log tells of. Epoch seconds. */
export function incidentOf(seq: number, since: number, until: number | null, errorClass: PageIncident["errorClass"] = null): PageIncident {
  return { seq, since, until, isRecovered: until !== null, errorClass, said: [] };
}
