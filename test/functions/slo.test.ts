import { afterAll, beforeAll, expect, it } from "vitest";
import { createDataApiLogWriter } from "../../shared/log/data-api-log-writer.ts";
import { batch } from "../../shared/log/tables.ts";
import { checkRow } from "../support/log-rows.ts";
import { type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";

let monitor: Monitor;
const mark = marksFromNow();

beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());

it("a budget that is spent too fast is told once, is in the summary, and is judged anew when it has stopped", async () => {
  const site = await startSite();
  const slo = { objectivePercent: 99.9, windowDays: 30 };
  const target = { name: "Shop", url: site.url, retries: 0, slo, failureThreshold: 20 };
  const { id } = (await monitor.api("POST", "/targets", target)) as { id: string };
  await monitor.api("POST", "/targets", { ...target, name: "Calm" });
  await monitor.round(mark());
  const seqs = (await monitor.log.sql.execute("select seq, name from target order by seq", {})) as { seq: number; name: string }[];
  // Seven hours of checks, of which the shop's last hour failed each fourth time, so that each 5 minutes have one: no incident, by its threshold.
  const end = Math.floor(Date.now() / 300_000) * 300;
  await monitor.log.sql.execute("update target set created_at = now() - interval '3 days'", {});
  const rows = seqs.flatMap(({ seq, name }) =>
    Array.from({ length: 420 }, (_, minute) => {
      const at = end - (minute + 1) * 60;
      const status = name === "Shop" && minute < 60 && minute % 4 === 1 ? ("down" as const) : ("up" as const);
      return { ...checkRow(seq, new Date(at * 1_000).toISOString(), { status }), intervalSeconds: 60 };
    }),
  );
  const log = createDataApiLogWriter(monitor.log.sql);
  for (let index = 0; index < rows.length; index += 2_000) await log.write(batch("check", rows.slice(index, index + 2_000)));
  for (let turn = 0; turn < 4; turn++) await monitor.maintain();

  await monitor.round(mark());
  const told = () => monitor.discord.map(({ body }) => JSON.stringify(body)).filter((text) => text.includes("error budget"));
  expect(told()).toHaveLength(1);
  expect(told()[0]).toMatch(/Shop spends its error budget too fast/);
  expect(told()[0]).toMatch(/times faster than 99\.9 % in 30 days allows, over 1 h and 5 min: a whole budget lasts/);
  await monitor.maintain();
  await monitor.round(mark());
  expect(told()).toHaveLength(1);

  const summary = (await monitor.api("GET", `/targets/${id}/summary`)) as { slo: Record<string, number | string> };
  expect(summary.slo).toMatchObject({ ...slo, burning: "fast" });
  const { items } = (await monitor.api("GET", `/targets/${id}/alerts`)) as { items: { kind: string; deliveries: { outcome: string }[] }[] };
  expect(items.filter(({ kind }) => kind === "slo")).toMatchObject([{ deliveries: [{ outcome: "sent" }] }]);

  // Without an objective nothing is spent: one that is set while it burns is told of.
  await monitor.api("PATCH", `/targets/${id}`, { slo: null });
  await monitor.maintain();
  await monitor.api("PATCH", `/targets/${id}`, { slo });
  await monitor.maintain();
  await monitor.round(mark());
  expect(told()).toHaveLength(2);

  // It has stopped: nothing is told, and the next time is another.
  await monitor.log.sql.execute("update rollup_5m set up_s = up_s + down_s, down_s = 0", {});
  await monitor.maintain();
  expect(((await monitor.api("GET", `/targets/${id}/summary`)) as typeof summary).slo).toMatchObject({ burning: null });
  await monitor.round(mark());
  expect(told()).toHaveLength(2);
}, 120_000);

it.each([
  [{ objectivePercent: 100 }, "slo.objectivePercent"],
  [{ objectivePercent: 99.9, windowDays: 0 }, "slo.windowDays"],
  [{}, "slo.objectivePercent"],
])("an objective of %j is refused", async (slo, field) => {
  const headers = { "x-api-key": "test-key-0123456789-abcdef", "content-type": "application/json" };
  const body = JSON.stringify({ name: "X", url: "http://127.0.0.1:1/", slo });
  const { status, text } = await monitor.request("POST", "/targets", { body, headers });
  expect([status, text]).toEqual([400, expect.stringContaining(field)]);
});
