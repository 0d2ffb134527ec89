import type { MaintenanceStore } from "../alert/maintenance.ts";
import type { ManualIncidentStore } from "../alert/manual-incident.ts";
import type { LogPages } from "../log/log-pages.ts";
import type { LogWarning } from "../log/record.ts";
import type { TargetReader } from "../targets/target-store.ts";
import type { Clock } from "../time/clock.ts";
import { PAGE_CSS } from "./page-css.ts";
import { readHistory } from "./page-history.ts";
import { indexHtml } from "./page-html.ts";
import { membersOf, viewOf } from "./page-view.ts";
import type { StatusPage } from "./status-page.ts";

export interface PreviewDeps {
  readonly targets: Pick<TargetReader, "range">;
  readonly manualIncidents: Pick<ManualIncidentStore, "list">;
  readonly maintenance: Pick<MaintenanceStore, "list">;
  readonly logPages: LogPages;
  readonly clock: Clock;
  readonly logger: LogWarning;
}

/**
 * A page as it would be published now, its first document alone; nothing is written. While the log sleeps or is away,
 * it is without a past.
 */
export async function previewPage(deps: PreviewDeps, page: StatusPage): Promise<{ html: string; css: string }> {
  const now = deps.clock.now();
  const [manual, windows, targets] = await Promise.all([
    deps.manualIncidents.list(),
    deps.maintenance.list(),
    // Every id lies between these.
    deps.targets.range("!", "~"),
  ]);
  const members = membersOf(page, targets).flatMap((section) => section.members.map(({ target }) => target));
  const history = await readHistory(deps, page, { members, before: undefined, now });
  return { html: indexHtml(viewOf({ page, manual, windows, targets, history: history.shown, now })), css: PAGE_CSS };
}
