import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";

let monitor: Monitor;
const mark = marksFromNow();

beforeAll(async () => {
  monitor = await startMonitor();
});
afterAll(() => monitor.close());

const PAGE = { title: "Acme", sections: [{ name: "All", tags: ["shown"] }] };
const read = (path: string) => monitor.request("GET", path, { headers: { accept: "text/html" } });
const summary = async (address: string) => (await read(`/status/${address}/api/v2/summary.json`)).json as Summary;
interface Summary {
  readonly status: { readonly indicator: string };
  readonly components: readonly { readonly id: string; readonly name: string; readonly status: string }[];
  readonly incidents: readonly {
    readonly name: string;
    readonly status: string;
    readonly incident_updates: readonly { readonly body: string }[];
  }[];
}

describe("a status page", () => {
  it("is there after a round, follows what happens, and goes when it is taken back", async () => {
    const site = await startSite();
    const shop = (await monitor.api("POST", "/targets", { name: "Shop", url: site.url, retries: 0, tags: ["shown"] })) as { id: string };
    await monitor.api("POST", "/targets", { name: "Hidden", url: site.url, retries: 0 });
    const made = (await monitor.api("POST", "/status-pages", { slug: "acme", ...PAGE })) as { path: string };
    expect(made.path).toBe("/status/acme/");
    expect((await read(made.path)).status).toBe(404);

    await monitor.round(mark());
    const shown = await read(made.path);
    expect([shown.status, shown.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(shown.headers.get("cache-control")).toMatch(/stale-if-error=\d{6}/);
    expect(shown.headers.get("content-security-policy")).toMatch(/script-src 'self'.*frame-ancestors 'none'/);
    expect((await read("/status/acme/embed/")).headers.get("content-security-policy")).toMatch(/frame-ancestors \*/);
    expect((await read("/status/acme")).headers.get("location")).toBe("/status/acme/");
    expect(shown.text).toContain("It is up.");
    expect(shown.text).not.toContain("Hidden");
    expect(await summary("acme")).toMatchObject({ status: { indicator: "none" }, incidents: [] });

    // Who has it already gets it again once it is another.
    const again = () => monitor.request("GET", "/status/acme/feed.atom", { headers: { "if-none-match": etag } });
    const etag = String((await read("/status/acme/feed.atom")).headers.get("etag"));
    expect([(await again()).status, (await again()).text]).toEqual([304, ""]);

    // Down, in the very round that finds it.
    site.answerWith(500);
    await monitor.round(mark());
    expect((await again()).status).toBe(200);
    expect(await summary("acme")).toMatchObject({
      status: { indicator: "critical" },
      incidents: [{ name: "Shop is down", status: "investigating" }],
    });

    // What somebody tells of it, and a round without any change of status.
    const told = { title: "Shop is slow", severity: "degraded", targets: [shop.id], text: "We look.", public: true };
    const { id } = (await monitor.api("POST", "/incidents", told)) as { id: string };
    await monitor.api("POST", `/incidents/${id}/updates`, { status: "identified", text: "Only for us.", public: false });
    await monitor.round(mark());
    expect((await summary("acme")).incidents.map(({ name, incident_updates }) => [name, incident_updates.map(({ body }) => body)])).toEqual(
      [
        ["Shop is down", ["Shop is down."]],
        ["Shop is slow", ["We look."]],
      ],
    );

    site.answerWith(200);
    await monitor.round(mark());
    await monitor.api("POST", `/incidents/${id}/updates`, { status: "resolved", text: "Mended." });
    await monitor.round(mark());
    expect(await summary("acme")).toMatchObject({ status: { indicator: "none" }, incidents: [] });
    expect((await read("/status/acme/history/")).text).toMatch(/Shop is slow[\s\S]*Shop was down|Shop was down[\s\S]*Shop is slow/);
    expect((await read(`/status/acme/incidents/${id}/`)).text).toContain("Mended.");

    // Unlisted: another address, and nothing under the old one.
    const unlisted = (await monitor.api("PATCH", "/status-pages/acme", { visibility: "unlisted" })) as { path: string };
    expect(unlisted.path).toMatch(/^\/status\/acme-[0-9a-f]{32}\/$/);
    await monitor.round(mark());
    expect([(await read("/status/acme/")).status, (await read(unlisted.path)).status]).toEqual([404, 200]);
    expect((await read(unlisted.path)).text).toContain('<meta name="robots" content="noindex"');

    await monitor.request("DELETE", "/status-pages/acme");
    expect((await monitor.request("GET", "/status-pages/acme")).status).toBe(404);
    await monitor.round(mark());
    expect((await read(unlisted.path)).status).toBe(404);
    const left = await readdir(monitor.pages, { recursive: true, withFileTypes: true });
    expect(left.filter((each) => each.isFile()).map(({ name }) => name)).toEqual([]);

    // The name is free again, at once and after its files are gone.
    expect(
      (await monitor.request("POST", "/status-pages", { body: JSON.stringify({ slug: "acme", ...PAGE }), headers: json() })).status,
    ).toBe(201);
    await monitor.request("DELETE", "/status-pages/acme");
    expect(
      (await monitor.request("POST", "/status-pages", { body: JSON.stringify({ slug: "acme", ...PAGE }), headers: json() })).status,
    ).toBe(201);
    await monitor.round(mark());
    expect((await read("/status/acme/")).status).toBe(200);
    await monitor.request("DELETE", "/status-pages/acme");
    await monitor.round(mark());
  });

  it("is looked at before it is published, as it would be, and leaves nothing behind", async () => {
    const site = await startSite();
    site.answerWith(500);
    const target = { name: "Secret name", url: site.url, retries: 0, tags: ["preview"] };
    const { id } = (await monitor.api("POST", "/targets", target)) as { id: string };
    await monitor.round(mark());
    await monitor.maintain();
    const page = { title: "To be <seen>", sections: [{ name: "All", targets: [{ id, name: "Our shop" }] }] };
    const { html, css } = (await monitor.api("POST", "/status-page-preview", page)) as { html: string; css: string };
    expect(css).toContain(":root");
    expect(html).toContain("To be &lt;seen>");
    expect(html).toContain("Our shop is down");
    expect(html).not.toContain("Secret name");
    expect(await monitor.api("GET", "/status-pages")).toMatchObject({ items: [] });
    // It is what is published then, but for the moment.
    const made = (await monitor.api("POST", "/status-pages", { slug: "seen", ...page })) as Record<string, unknown>;
    await monitor.round(mark());
    // But for what goes on with the clock: its age, how long something lasts, today in the bars and what they come to.
    const ofTheClock =
      /data-made="[^"]*"|<p class="age muted">.*?<\/p>|<svg class="bars".*?<\/svg>|<span>(?:[^<]*% up|nothing is known of its past)<\/span>/gs;
    const atNoTime = (text: string) => text.replace(ofTheClock, "");
    expect(atNoTime((await read("/status/seen/")).text)).toBe(atNoTime(html));
    // What a GET answered may be sent, and what is wrong is said by field.
    expect((await monitor.api("POST", "/status-page-preview", { ...made, title: "Another" })) as object).toMatchObject({
      html: expect.stringContaining("Another"),
    });
    const wrong = { ...page, sections: [{ name: "None" }] };
    expect(await monitor.request("POST", "/status-page-preview", { body: JSON.stringify(wrong), headers: json() })).toMatchObject({
      status: 400,
      json: { errors: [{ field: "sections.0.targets" }] },
    });
    await monitor.request("DELETE", "/status-pages/seen");
    await monitor.request("DELETE", `/targets/${id}`);
    await monitor.round(mark());
  });

  it("says of a target that is paused while it is down that nobody watches it, and takes off at once what leaves it", async () => {
    const site = await startSite();
    site.answerWith(500);
    const { id } = (await monitor.api("POST", "/targets", { name: "Paused", url: site.url, retries: 0, tags: ["leaving"] })) as {
      id: string;
    };
    await monitor.api("POST", "/status-pages", { slug: "leaving", title: "Leaving", sections: [{ name: "All", tags: ["leaving"] }] });
    await monitor.round(mark());
    await monitor.api("PATCH", `/targets/${id}`, { paused: true });
    await monitor.round(mark());
    const shown = (await read("/status/leaving/page.json")).json as { incidents: { updates: { text: string }[] }[] };
    expect(shown.incidents.map(({ updates }) => updates.at(-1)?.text)).toEqual(["Paused is no longer watched."]);
    await monitor.api("PATCH", `/targets/${id}`, { tags: [] });
    await monitor.round(mark());
    expect((await read("/status/leaving/")).text).not.toContain("Paused");
    await monitor.request("DELETE", "/status-pages/leaving");
    await monitor.round(mark());
  });

  it("shows what happens now while the log is away, with what was known of the past", async () => {
    const site = await startSite();
    await monitor.api("POST", "/targets", { name: "Blog", url: site.url, retries: 0, tags: ["blog"] });
    await monitor.api("POST", "/status-pages", { slug: "blog", title: "Blog", sections: [{ name: "All", tags: ["blog"] }] });
    await monitor.round(mark());
    await monitor.maintain();
    await monitor.api("PATCH", "/status-pages/blog", { title: "The blog" });
    await monitor.round(mark());
    const comeBack = await monitor.log.goAway();
    site.answerWith(500);
    await monitor.round(mark());
    expect(await summary("blog")).toMatchObject({ status: { indicator: "critical" }, incidents: [{ name: "Blog is down" }] });
    expect((await read("/status/blog/")).text).not.toContain("The past cannot be read");
    await comeBack();
    await monitor.round(mark());
    await monitor.request("DELETE", "/status-pages/blog");
    await monitor.round(mark());
  });

  it("that cannot be written costs the round nothing, and is written when it can", async () => {
    await monitor.api("POST", "/status-pages", { slug: "stuck", ...PAGE });
    const folder = join(monitor.pages, "status");
    await rm(folder, { recursive: true, force: true });
    await writeFile(folder, "what is no folder takes no files");
    expect((await monitor.round(mark())).checked).toBeGreaterThan(0);
    expect((await read("/status/stuck/")).status).toBe(404);
    await rm(folder);
    await monitor.round(mark());
    expect((await read("/status/stuck/")).status).toBe(200);
  });
});

const json = () => ({ "x-api-key": "test-key-0123456789-abcdef", "content-type": "application/json" });

describe("the API of status pages", () => {
  const post = async (body: unknown) => monitor.request("POST", "/status-pages", { body: JSON.stringify(body), headers: json() });

  it.each([
    [{ slug: "A b", ...PAGE }, "slug"],
    [{ slug: "-a", ...PAGE }, "slug"],
    [{ slug: `a-${"0".repeat(32)}`, ...PAGE }, "slug"],
    [{ slug: "ok", ...PAGE, logo: "data:image/png;base64,A" }, "logo"],
    [{ slug: "ok", ...PAGE, logo: `data:image/png;base64,${Buffer.from("GIF89a").toString("base64")}` }, "logo"],
    [{ slug: "ok", ...PAGE, title: "\u202eTitle" }, "title"],
    [{ slug: "ok", ...PAGE, timeZone: "Mars/Olympus" }, "timeZone"],
    [{ slug: "ok", ...PAGE, logo: "data:image/svg+xml;base64,AAAA" }, "logo"],
    [{ slug: "ok", ...PAGE, logo: "https://example.com/logo.png" }, "logo"],
    [{ slug: "ok", ...PAGE, accent: "red;}" }, "accent"],
    [{ slug: "ok", ...PAGE, historyDays: 365 }, "historyDays"],
    [{ slug: "ok", ...PAGE, sections: [] }, "sections"],
    [{ slug: "ok", ...PAGE, sections: [{ name: "Empty" }] }, "sections.0.targets"],
    [{ slug: "ok", ...PAGE, key: "guessed" }, "key"],
  ])("refuses %j and names %s", async (body, field) => {
    const { status, json: problem } = await post(body);
    expect([status, JSON.stringify(problem)]).toEqual([400, expect.stringContaining(`"${field}"`)]);
  });

  it("takes back what it answered, refuses a second page of a slug, and audits without the picture", async () => {
    const logo = `data:image/png;base64,${Buffer.from("89504e470d0a1a0a00", "hex").toString("base64")}`;
    expect((await post({ slug: "twice", ...PAGE, logo })).status).toBe(201);
    expect((await post({ slug: "twice", ...PAGE })).status).toBe(409);
    const shown = (await monitor.api("GET", "/status-pages/twice")) as Record<string, unknown>;
    expect(await monitor.api("PATCH", "/status-pages/twice", shown)).toMatchObject({ version: 2, title: "Acme" });
    expect((await monitor.request("PATCH", "/status-pages/twice", { body: '{"slug":"other"}', headers: json() })).status).toBe(400);
    expect(await monitor.api("PATCH", "/status-pages/twice", { logo: null, noindex: true })).not.toHaveProperty("logo");
    const { items } = (await monitor.api("GET", "/audit")) as { items: unknown[] };
    expect(JSON.stringify(items)).toContain("status-page:twice");
    expect(JSON.stringify(items)).not.toContain("base64");
    await monitor.request("DELETE", "/status-pages/twice");
    expect((await monitor.request("DELETE", "/status-pages/twice")).status).toBe(404);
  });
});
