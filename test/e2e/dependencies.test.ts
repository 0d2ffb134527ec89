import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { API_KEY, type Monitor, marksFromNow, startMonitor, startSite, titles } from "../support/monitor.ts";

let monitor: Monitor;
const mark = marksFromNow();

beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());

const create = async (body: Record<string, unknown>) => (await monitor.api("POST", "/targets", { retries: 0, ...body })) as { id: string };
const patch = (id: string, body: unknown) =>
  monitor.request("PATCH", `/targets/${id}`, {
    headers: { "x-api-key": API_KEY, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
const told = () =>
  titles(monitor.discord.splice(0))
    .map((title) => title.replace(/^\P{L}+/u, ""))
    .sort();

describe("targets that depend on another", () => {
  it("that fail with it are in its message, and told only when it is back and they are not", async () => {
    const [router, shop] = [await startSite(), await startSite()];
    const parent = await create({ name: "Router", url: router.url });
    const children = await Promise.all(["Shop", "Blog"].map((name) => create({ name, url: shop.url, dependsOn: [parent.id] })));
    const grandchild = await create({ name: "Cart", url: shop.url, dependsOn: [children[0]?.id] });
    await monitor.round(mark());
    router.answerWith(500);
    shop.answerWith(500);
    await monitor.round(mark());
    const embeds = JSON.stringify(monitor.discord);
    expect(told()).toEqual(["Router is down"]);
    expect(embeds).toMatch(/3 targets that depend on it: .*Blog/);
    const { items } = (await monitor.api("GET", `/targets/${grandchild.id}/alerts`)) as { items: { deliveries: unknown[] }[] };
    expect(items[0]?.deliveries).toMatchObject([{ outcome: "waiting", error: expect.stringContaining("which it depends on, is down") }]);
    await monitor.round(mark());
    expect(told()).toEqual([]);
    router.answerWith(200);
    // It is back; whether they are is not known before they have been checked since.
    await monitor.round(mark());
    expect(told()).toEqual(["Router has recovered"]);
    await monitor.round(mark());
    await monitor.round(mark());
    expect(told()).toEqual(["Blog is down", "Cart is down", "Shop is down"].filter((title) => title !== "Cart is down"));
    shop.answerWith(200);
    await monitor.round(mark());
    await monitor.round(mark());
    expect(told()).toEqual(["Blog has recovered", "Shop has recovered"]);
    for (const { id } of [parent, ...children, grandchild]) await monitor.api("DELETE", `/targets/${id}`);
  });

  it("wait for one that fails and is not judged yet", async () => {
    const [router, shop] = [await startSite(), await startSite()];
    const parent = await create({ name: "Gateway", url: router.url, failureThreshold: 2 });
    const child = await create({ name: "Till", url: shop.url, dependsOn: [parent.id] });
    await monitor.round(mark());
    router.answerWith(500);
    shop.answerWith(500);
    await monitor.round(mark());
    expect(told()).toEqual([]);
    await monitor.round(mark());
    expect(told()).toEqual(["Gateway is down"]);
    for (const { id } of [child, parent]) await monitor.api("DELETE", `/targets/${id}`);
  });

  it("that fail alone are told in the same round", async () => {
    const [router, shop] = [await startSite(), await startSite()];
    const parent = await create({ name: "Switch", url: router.url });
    const child = await create({ name: "Wiki", url: shop.url, dependsOn: [parent.id] });
    await monitor.round(mark());
    shop.answerWith(500);
    await monitor.round(mark());
    expect(told()).toEqual(["Wiki is down"]);
    // What people heard of they hear the end of, whatever it depends on.
    router.answerWith(500);
    shop.answerWith(200);
    await monitor.round(mark());
    expect(told()).toEqual(["Switch is down", "Wiki has recovered"]);
    for (const { id } of [parent, child]) await monitor.api("DELETE", `/targets/${id}`);
  });

  it("must be there, must not lead back, and reach five deep at most", async () => {
    const chain: { id: string }[] = [];
    for (let depth = 0; depth < 6; depth++) {
      const above = chain.at(-1);
      chain.push(await create({ name: `Level ${depth}`, url: "http://127.0.0.1:1/", ...(above && { dependsOn: [above.id] }) }));
    }
    const [top, ...rest] = chain.map(({ id }) => id);
    const refusal = async (id: string | undefined, dependsOn: unknown) => {
      const { status, json } = await patch(id ?? "", { dependsOn });
      return [status, (json as { detail?: string }).detail];
    };
    expect(await refusal(top, [top])).toEqual([400, expect.stringContaining("must not name the target itself")]);
    expect(await refusal(top, [rest[3]])).toEqual([400, expect.stringContaining("leads back to the target itself")]);
    expect(await refusal(rest[0], ["00000000-0000-4000-8000-000000000000"])).toEqual([400, expect.stringContaining("there is no target")]);
    const { status, json } = await monitor.request("POST", "/targets", {
      headers: { "x-api-key": API_KEY, "content-type": "application/json" },
      body: JSON.stringify({ name: "Level 6", url: "http://127.0.0.1:1/", dependsOn: [rest.at(-1)] }),
    });
    expect([status, json]).toMatchObject([
      400,
      { errors: [{ field: "dependsOn", message: expect.stringContaining("at most 5 targets deep") }] },
    ]);
    // Nor is it made deeper from above, where others depend on what is changed.
    const root = await create({ name: "Root", url: "http://127.0.0.1:1/" });
    expect(await refusal(top, [root.id])).toEqual([400, expect.stringContaining("those that depend on this one would reach 6")]);
    expect((await patch(rest[0] ?? "", { dependsOn: [top, root.id] })).status).toBe(200);
    for (const { id } of [...chain, root]) await monitor.api("DELETE", `/targets/${id}`);
  });
});
