import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoMaintenance } from "../../../shared/alert/dynamo-maintenance.ts";
import { appliesTo, nextOccurrence, occurrenceAt, parseMaintenance } from "../../../shared/alert/maintenance.ts";
import { isTimeZone, momentOf, wallTimeAt } from "../../../shared/time/zoned-time.ts";
import { configOf } from "../../support/checks.ts";
import { API_KEY, type Monitor, startMonitor } from "../../support/monitor.ts";
import { serveHttp } from "../../support/servers.ts";
import { TABLE_NAME } from "../../support/state-engine.ts";

const iso = (ms: number) => new Date(ms).toISOString();

describe("a time on clocks of a zone", () => {
  it("is the moment that they show it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) }),
        fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"),
        (ms, zone) => {
          const wall = wallTimeAt(ms, zone);
          const at = momentOf(wall, zone);
          expect(wallTimeAt(at, zone)).toEqual(wall);
          // The first of two, never a later one.
          expect(at).toBeLessThanOrEqual(Math.floor(ms / 60_000) * 60_000);
        },
      ),
    );
  });

  it.each([
    ["that is skipped begins when they change", { year: 2026, month: 3, day: 29, hour: 2, minute: 30 }, "2026-03-29T01:00:00.000Z"],
    ["that is shown twice is the first", { year: 2026, month: 10, day: 25, hour: 2, minute: 30 }, "2026-10-25T00:30:00.000Z"],
    ["of an ordinary night is what it says", { year: 2026, month: 11, day: 26, hour: 2, minute: 30 }, "2026-11-26T01:30:00.000Z"],
  ])("%s", (_, wall, expected) => expect(iso(momentOf(wall, "Europe/Berlin"))).toBe(expected));

  it("needs a zone that there is", () => {
    expect([isTimeZone("Europe/Berlin"), isTimeZone("Europe/Atlantis"), isTimeZone("")]).toEqual([true, false, false]);
  });
});

describe("a weekly window", () => {
  const nightly = parseMaintenance({
    name: "Backup",
    all: true,
    timeZone: "Europe/Berlin",
    weekly: { days: ["saturday", "sunday"], at: "23:30", durationMinutes: 90 },
  });
  it.each([
    ["2026-11-28T22:29:59Z", false],
    ["2026-11-28T22:30:00Z", true],
    // Past midnight, of the night before.
    ["2026-11-28T23:59:59Z", true],
    ["2026-11-29T00:00:00Z", false],
    ["2026-11-30T22:45:00Z", false],
  ])("at %s: %s", (at, isActive) => expect(occurrenceAt(nightly, Date.parse(at)) !== undefined).toBe(isActive));

  it("comes again after each, across a change of clocks", () => {
    const before = nextOccurrence(nightly, Date.parse("2026-10-25T12:00:00Z"));
    expect(before && [iso(before.from), iso(before.to)]).toEqual(["2026-10-25T22:30:00.000Z", "2026-10-26T00:00:00.000Z"]);
    const summer = nextOccurrence(nightly, Date.parse("2026-10-20T12:00:00Z"));
    expect(summer && iso(summer.from)).toBe("2026-10-24T21:30:00.000Z");
  });
});

describe("a window", () => {
  const of = (fields: object) =>
    parseMaintenance({ name: "x", once: { from: "2026-11-26T00:00:00Z", to: "2026-11-26T01:00:00Z" }, ...fields });
  const id = "0b5d0f5c-2a53-4d3c-9d53-1f0b6a1f9c55";
  it.each([
    [{ all: true }, true],
    [{ targets: [id] }, true],
    [{ tags: ["a"] }, true],
    [{ tags: ["b"] }, false],
    [{ groups: ["Shop"] }, true],
    [{ groups: ["Shop / Backend"] }, true],
    [{ groups: ["Sho"] }, false],
  ])("%j is of the target: %s", (fields, applies) => {
    const config = configOf({ url: "http://a.test", tags: ["a"], group: "Shop / Backend" });
    expect(appliesTo(of(fields), { id, config })).toBe(applies);
  });

  it.each<[object, RegExp]>([
    [{ all: true, weekly: { days: ["monday"], at: "01:00", durationMinutes: 5 } }, /or weekly must be set, and not both/],
    [{}, /tags or groups must name something/],
    [{ all: true, once: { from: "2026-11-26T01:00:00Z", to: "2026-11-26T01:00:00Z" } }, /must end after it begins/],
    [{ all: true, once: { from: "2026-11-26T01:00:00", to: "2026-11-27T01:00:00Z" } }, /moment with its zone/],
    [{ all: true, once: { from: "2026-01-01T00:00:00Z", to: "2026-11-27T01:00:00Z" } }, /at most 60 days/],
    [{ all: true, timeZone: "Mars/Olympus" }, /time zone such as/],
    [{ all: true, surprise: 1 }, /surprise/],
  ])("%j is refused with the fix", (fields, message) => expect(() => of(fields)).toThrow(message));
});

describe("by the API", () => {
  let monitor: Monitor;
  beforeAll(async () => {
    monitor = await startMonitor();
  });
  afterAll(() => monitor.close());

  it("nothing is told from its begin on, and what is still wrong at its end is", async () => {
    const url = await serveHttp((_, response) => response.writeHead(500).end());
    const { id } = (await monitor.api("POST", "/targets", { name: "Shop", url, retries: 0 })) as { id: string };
    const mark = Math.floor(Date.now() / 30_000) * 30;
    const once = { from: iso(Date.now() - 60_000), to: iso(Date.now() + 3_600_000) };
    const made = (await monitor.api("POST", "/maintenance", { name: "Upgrade", targets: [id], once })) as { id: string };
    expect(made).toMatchObject({ active: true, next: { to: once.to } });
    await monitor.round(mark);
    expect(monitor.discord).toEqual([]);
    expect(await monitor.api("GET", `/targets/${id}`)).toMatchObject({ status: "down" });
    expect(await monitor.api("GET", `/targets/${id}/alerts`)).toMatchObject({
      items: [{ to: "down", deliveries: [{ outcome: "waiting", error: expect.stringContaining('maintenance "Upgrade"') }] }],
    });
    const renamed = await monitor.api("PATCH", `/maintenance/${made.id}`, { name: "Longer upgrade" });
    expect(renamed).toMatchObject({ name: "Longer upgrade" });
    expect(renamed).not.toHaveProperty("effectiveFrom");
    expect(await monitor.api("GET", "/maintenance")).toMatchObject({ items: [{ id: made.id, name: "Longer upgrade" }] });
    await monitor.api("DELETE", `/maintenance/${made.id}`);
    expect(await monitor.api("GET", "/maintenance")).toEqual({ items: [] });
    const audit = (await monitor.api("GET", "/audit")) as { items: { action: string }[] };
    expect(audit.items.map(({ action }) => action).slice(0, 3)).toEqual(["deleteMaintenance", "updateMaintenance", "createMaintenance"]);
    await monitor.round(mark + 30);
    expect(monitor.discord).toHaveLength(1);
    // What it held, and why, stays in the story.
    const { items } = (await monitor.api("GET", `/incidents?target=${id}`)) as { items: [{ id: string }] };
    expect(await monitor.api("GET", `/incidents/${items[0].id}`)).toMatchObject({
      timeline: expect.arrayContaining([
        expect.objectContaining({ what: "told", text: expect.stringContaining('held back until then: maintenance "Upgrade"') }),
      ]),
    });
    await monitor.api("DELETE", `/targets/${id}`);
  });

  it("is refused, by its field, for what would never hold anything back", async () => {
    const errorsOf = async (method: string, path: string, body?: object) => {
      const init = { headers: { "x-api-key": API_KEY, "content-type": "application/json" } };
      const { status, json } = await monitor.request(method, path, { ...init, ...(body && { body: JSON.stringify(body) }) });
      return [
        status,
        ...((json as { errors?: { field: string; message: string }[] }).errors ?? []).map((each) => `${each.field} ${each.message}`),
      ];
    };
    const unknown = "00000000-0000-4000-8000-00000000dead";
    const hours = (from: number, to: number) => ({
      from: new Date(Date.now() + from * 3_600_000).toISOString(),
      to: new Date(Date.now() + to * 3_600_000).toISOString(),
    });
    const window = (fields: object) => errorsOf("POST", "/maintenance", { name: "Odd", all: true, once: hours(1, 2), ...fields });
    expect(await window({ all: false, targets: [unknown] })).toEqual([400, `targets.0 there is no target ${unknown}`]);
    expect(await window({ once: hours(-40, -30) })).toEqual([400, expect.stringMatching(/^once\.to must be within the last day/)]);
    const weekly = { days: ["monday"], at: "02:30", durationMinutes: 0 };
    expect(await window({ once: undefined, weekly })).toEqual([400, "weekly.durationMinutes must be at least 1"]);
    expect(await window({ once: undefined, weekly: { ...weekly, days: ["moonday"] } })).toContainEqual(
      expect.stringMatching(/^weekly\.days\.0 must be one of sunday, monday, /),
    );
    const named = `${"n".repeat(199)}\u{1f600}`;
    const { id } = (await monitor.api("POST", "/targets", { name: named, url: "http://127.0.0.1:9/", paused: true })) as { id: string };
    const silence = (until: number) => errorsOf("POST", `/targets/${id}/silence`, { until: hours(0, until).to });
    expect(await silence(200 * 24)).toEqual([400, expect.stringMatching(/^until must be at most 60 days ahead/)]);
    expect(await silence(1)).toEqual([201]);
    // Nothing at all is what is without fields.
    expect(await errorsOf("POST", `/targets/${id}/silence`)).toEqual([400, "until must be set"]);
    // What is sent and is no object is not nothing.
    const sent = await monitor.request("POST", `/targets/${id}/silence`, {
      headers: { "x-api-key": API_KEY, "content-type": "application/json" },
      body: "null",
    });
    expect([sent.status, JSON.stringify(sent.json)]).toEqual([400, expect.stringContaining("must be an object")]);
    expect(await errorsOf("POST", "/incidents", { title: "x", text: "y", targets: [unknown] })).toEqual([
      400,
      `targets.0 there is no target ${unknown}`,
    ]);
    for (const { id: made } of ((await monitor.api("GET", "/maintenance")) as { items: { id: string }[] }).items)
      await monitor.api("DELETE", `/maintenance/${made}`);
    await monitor.api("DELETE", `/targets/${id}`);
  });

  it("that repeats says nothing of the time before it was made, or made another", async () => {
    const now = new Date();
    const at = new Date(now.getTime() - 30 * 60_000).toISOString().slice(11, 16);
    const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
    const weekly = { days, at, durationMinutes: 10 };
    const { id } = (await monitor.api("POST", "/maintenance", {
      name: "Nightly",
      all: true,
      weekly: { ...weekly, at: "00:00", durationMinutes: 1 },
    })) as {
      id: string;
    };
    const moved = (await monitor.api("PATCH", `/maintenance/${id}`, { weekly })) as { effectiveFrom: string };
    expect(Date.parse(moved.effectiveFrom)).toBeGreaterThanOrEqual(now.getTime() - 1_000);
    const range = `from=${new Date(now.getTime() - 3_600_000).toISOString()}&to=${now.toISOString()}`;
    const { items } = (await monitor.api("GET", `/maintenance/calendar?${range}`)) as { items: { id: string }[] };
    expect(items.filter((each) => each.id === id)).toEqual([]);
    const listed = (await monitor.api("GET", "/maintenance")) as { items: { id: string; effectiveFrom?: string }[] };
    expect(listed.items.find((each) => each.id === id)?.effectiveFrom).toBe(moved.effectiveFrom);
    await monitor.api("DELETE", `/maintenance/${id}`);
  });

  it("what was held back is not told of a target that is paused meanwhile", async () => {
    monitor.discord.length = 0;
    const url = await serveHttp((_, response) => response.writeHead(500).end());
    const { id } = (await monitor.api("POST", "/targets", { name: "Stopped", url, retries: 0 })) as { id: string };
    const mark = Math.floor(Date.now() / 30_000) * 30 + 60;
    const once = { from: iso(Date.now() - 60_000), to: iso(Date.now() + 3_600_000) };
    const window = (await monitor.api("POST", "/maintenance", { name: "Move", targets: [id], once })) as { id: string };
    await monitor.round(mark);
    await monitor.api("PATCH", `/targets/${id}`, { paused: true });
    await monitor.api("DELETE", `/maintenance/${window.id}`);
    await monitor.round(mark + 30);
    expect(monitor.discord).toEqual([]);
    const { items } = (await monitor.api("GET", `/targets/${id}/alerts`)) as { items: { to: string; deliveries: object[] }[] };
    expect(items.find(({ to }) => to === "down")?.deliveries).toMatchObject([
      { outcome: "hidden", error: "it was paused or deleted before it was told" },
    ]);
    await monitor.api("DELETE", `/targets/${id}`);
  });

  it("a window is made, however many there were: the one that has been over for longest makes room", async () => {
    const window = (name: string, from: number, to: number) =>
      monitor.api("POST", "/maintenance", { name, all: true, kind: "silence", once: { from: iso(from), to: iso(to) } });
    const long = Date.now() - 86_400_000;
    await window("First", long, long + 1_000);
    const store = createDynamoMaintenance(monitor.state.client, TABLE_NAME);
    const other = parseMaintenance({ name: "W", all: true, kind: "silence", once: { from: iso(long), to: iso(long + 2_000) } });
    await Promise.all(Array.from({ length: 199 }, () => store.put({ id: randomUUID(), version: 1, createdAt: iso(long), ...other })));
    await window("One more", long, long + 3_000);
    const { items } = (await monitor.api("GET", "/maintenance")) as { items: { id: string; name: string }[] };
    expect([items.length, items.some(({ name }) => name === "First"), items.some(({ name }) => name === "One more")]).toEqual([
      200,
      false,
      true,
    ]);
    await Promise.all(items.map(({ id }) => store.remove(id)));
  });
});
