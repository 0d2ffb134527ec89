import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createApiClient } from "../../local/api-client.ts";
import { createApiServer } from "../../local/stand-ins/api-server.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createPageFiles } from "../../local/stand-ins/page-files.ts";
import { CHROMIUM, launchBrowser, openTab, violations } from "../support/browser.ts";
import { pageSources } from "../support/monitor.ts";
import { PATIENCE_MS, type StartedProcess, startProcess } from "../support/process.ts";

/*
 * The page in a real browser, over the real `npm start`, from an empty folder on.
 */
const HOSTILE = `<img src=x onerror="window.broken=1">"'><script>window.broken=1</script>{{7*7}}`;

let browser: Browser;
let folder: string;
let running: StartedProcess;
let site: string;
let siteStatus = 200;

const siteServer = createServer((_, response) => response.writeHead(siteStatus).end("all is well"));

beforeAll(async () => {
  if (CHROMIUM === undefined) throw new Error("no Chromium here: install one (Debian: apt-get install chromium), or name it in CHROMIUM");
  folder = await mkdtemp(join(tmpdir(), "server-tracker-"));
  [browser, running, site] = await Promise.all([
    launchBrowser(),
    startProcess({ DATA_DIR: folder, USD_PER_CHECK: "0.0000002" }),
    listen(siteServer),
  ]);
});
afterAll(async () => {
  await browser?.close();
  running?.child.kill("SIGKILL");
  siteServer.closeAllConnections();
  siteServer.close();
  await rm(folder, { recursive: true, force: true });
});

const api = () => createApiClient(running.url, running.apiKey, PATIENCE_MS);
/** A status page of one target, published. */
async function statusPageOf(target: string): Promise<void> {
  const made = { slug: "everything", title: "Everything", sections: [{ name: "All", targets: [{ id: target }] }] };
  const { items } = (await api().call("GET", "/status-pages")) as { items: { slug: string }[] };
  if (!items.some(({ slug }) => slug === made.slug)) await api().call("POST", "/status-pages", made);
  await expect.poll(async () => (await fetch(`${running.url}/status/everything/`)).status, { timeout: 60_000 }).toBe(200);
}
const signedIn = () => `${running.url}/#key=${running.apiKey}`;

describe("signing in", () => {
  it("by the address that npm start prints, which leaves the key nowhere", async () => {
    const { page, errors } = await openTab(browser);
    expect(running.output()).toContain(signedIn());
    expect((await fetch(`${running.url}/`, { method: "HEAD" })).status).toBe(200);
    await page.goto(signedIn());
    await page.getByText("Server Tracker itself").first().waitFor();
    expect(page.url()).toBe(`${running.url}/`);
    expect(await page.evaluate("[localStorage.length, document.cookie]")).toEqual([0, ""]);
    expect(errors).toEqual([]);
  });

  it("by a token; a wrong one is said to be", async () => {
    const { token } = (await api().call("POST", "/tokens", { name: "a viewer", role: "viewer" })) as { token: string };
    const { page } = await openTab(browser);
    await page.goto(running.url);
    await page.getByLabel("API token or key").fill("nonsense");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("This key or token is not valid.").waitFor();
    await page.getByLabel("API token or key").fill(token);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("banner").getByText("viewer").waitFor();
    // What a viewer may not do is not offered.
    expect(await page.getByRole("link", { name: "New target" }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "Access" }).count()).toBe(0);
  });

  it("as another shows nothing of what one saw before", async () => {
    const { token } = (await api().call("POST", "/tokens", { name: "the next", role: "viewer" })) as { token: string };
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/access#key=${running.apiKey}`);
    await page.getByRole("cell", { name: "the next", exact: true }).waitFor();
    expect(await page.title()).toBe("Access – Server Tracker");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("API token or key").fill(token);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("This needs the role admin", { exact: false }).first().waitFor();
    expect(await page.getByText("the next").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Revoke" }).count()).toBe(0);
  });

  it("again in the middle of work, which is kept", async () => {
    const { id, token } = (await api().call("POST", "/tokens", { name: "short", role: "editor" })) as { id: string; token: string };
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/targets/new#key=${token}`);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Half written");
    await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${site}/kept`);
    await api().call("DELETE", `/tokens/${id}`);
    // A token is remembered for half a minute where it is judged.
    await expect
      .poll(async () => {
        if (await page.getByText("Sign in again").count()) return true;
        await page.getByRole("button", { name: "Try it" }).click();
        return false;
      })
      .toBe(true);
    // It is there until it is done with, though its Escape was pressed.
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.getByLabel("API token or key").fill(running.apiKey);
    await page.getByRole("dialog").getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Half written");
    // What was refused is asked for anew, and moves what stands below it.
    await page.waitForLoadState("networkidle");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "Half written" }).waitFor();
  });

  it("is not asked for by a late answer to who was here before", async () => {
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/targets/new#key=${running.apiKey}`);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Late");
    await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${site}/late`);
    await page.evaluate("sessionStorage.setItem('server-tracker.credential', 'st_of_yesterday')");
    const { promise: isLate, resolve: answer } = Promise.withResolvers<void>();
    await page.route("**/api/check", (route) => isLate.then(() => route.continue()), { times: 1 });
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByLabel("API token or key").fill(running.apiKey);
    await page.getByRole("dialog").getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const refusal = page.waitForResponse((response) => response.url().endsWith("/api/check"));
    answer();
    expect((await refusal).status()).toBe(401);
    await page.getByRole("button", { name: "Try it" }).waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
  });
});

describe("the first target", () => {
  it("is tried, refused with the field named, registered, seen going down and back, changed, paused and deleted", async () => {
    const { page, errors } = await openTab(browser);
    await page.goto(signedIn());
    await page.getByRole("link", { name: "New target" }).click();
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("My shop");
    await page.getByText(/cost about \$0\.0\d a month/).waitFor();
    await page.getByRole("textbox", { name: "URL", exact: true }).fill("ftp://nowhere");
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("must be an http or https URL", { exact: false }).first().waitFor();
    expect(await page.locator("[aria-invalid=true]").count()).toBe(1);
    await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${site}/shop`);
    // What was said of the field was said of another text.
    expect(await page.locator("[aria-invalid=true]").count()).toBe(0);
    await page.getByRole("button", { name: "Add assertion" }).click();
    await page.getByLabel("Text").fill("all is well");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.locator(".outcome .status-up").waitFor();
    await page.locator(".outcome .assertions").getByText('holds body contains "all is well"').waitFor();
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByRole("heading", { name: "My shop" }).waitFor();
    await page.locator(".state .status-up").waitFor({ timeout: 60_000 });

    siteStatus = 503;
    await page.getByRole("link", { name: "Overview" }).click();
    await page.locator(".unwell").getByText("My shop").waitFor({ timeout: 60_000 });
    await page.locator(".unwell").getByText("503 Service Unavailable").first().waitFor();
    siteStatus = 200;
    await page.locator(".unwell").getByText("My shop").waitFor({ state: "detached", timeout: 60_000 });
    await page.getByRole("link", { name: "My shop" }).first().click();
    await page.getByText("503 Service Unavailable").first().waitFor();

    await page.getByRole("link", { name: "Edit" }).click();
    await page.getByText("When it counts as down").click();
    await page.getByLabel("Failure threshold").fill("3");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "My shop", exact: true }).waitFor();
    const { items } = (await api().call("GET", "/targets?name=My%20shop")) as { items: Record<string, unknown>[] };
    expect(items).toMatchObject([{ failureThreshold: 3, assertions: [{ kind: "bodyContains", text: "all is well" }] }]);

    // Who changed it, and its last year.
    await page.getByRole("heading", { name: "Changes" }).click();
    const changes = page.getByRole("region", { name: "Changes" }).getByRole("row");
    await changes.filter({ hasText: "updateTarget" }).waitFor();
    expect(await changes.count()).toBe(3); // its head, the change, and how it was made
    await page.getByRole("rowheader", { name: "a year" }).waitFor();

    await page.getByRole("button", { name: "Pause" }).click();
    await page.locator(".state .status-paused").waitFor();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.getByRole("link", { name: "My shop" }).first().waitFor({ state: "detached" });
    expect(errors).toEqual([]);
  });

  it("loses nothing that was typed: to an error, to another type and back, to a hidden value", async () => {
    const { page } = await openTab(browser);
    const { id } = (await api().call("POST", "/targets", {
      name: "Guarded",
      url: `${site}/guarded`,
      headers: { authorization: "Bearer own" },
    })) as { id: string };
    await page.goto(`${running.url}/targets/new#key=${running.apiKey}`);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Typed");
    await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${site}/typed`);
    for (const type of ["tcp", "http"]) await page.getByLabel("Check type").selectOption(type);
    expect(await page.getByRole("textbox", { name: "URL", exact: true }).inputValue()).toBe(`${site}/typed`);
    const names = page.getByLabel("Headers: name");
    for (const value of ["first", "second"]) {
      await page.getByRole("button", { name: "Add headers" }).click();
      await names.last().fill("X-A");
      await page.getByLabel("Headers: value of X-A").last().fill(value);
    }
    await page.getByRole("button", { name: "Register" }).click();
    await page.getByText("must be a header name").first().waitFor();
    expect(await names.count()).toBe(2);
    expect(await page.getByLabel("Headers: value of X-A").first().inputValue()).toBe("first");
    // What is hidden is tried as it is stored.
    await page.goto(`${running.url}/targets/${id}/edit`);
    await page.getByRole("button", { name: "Try it" }).click();
    await page.locator(".outcome .status-up").waitFor();
    await api().call("DELETE", `/targets/${id}`);
  });

  it("of type heartbeat shows its address once, and a browser's ping of it is one", async () => {
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/targets/new#key=${running.apiKey}`);
    await page.getByLabel("Check type").selectOption("heartbeat");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Backup");
    await page.getByRole("button", { name: "Register" }).click();
    const address = /http\S+/.exec((await page.locator("pre").textContent()) ?? "")?.[0] ?? "";
    expect((await fetch(address.replace("/api/", "/"), { headers: { accept: "text/html" } })).status).toBeLessThan(300);
    expect((await fetch(address)).status).toBeLessThan(300);
    // Another is a press away, and the one before is nobody's.
    await page.getByRole("link", { name: "To the target" }).click();
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "New address" }).click();
    const next = /http\S+/.exec((await page.locator("pre").textContent()) ?? "")?.[0] ?? "";
    expect([(await fetch(next)).status < 300, (await fetch(address)).status]).toEqual([true, 404]);
  });

  it("that was written is left only when asked, and two who change one thing do not undo each other's", async () => {
    const { id } = (await api().call("POST", "/targets", { name: "Two tabs", url: site })) as { id: string };
    const { page } = await openTab(browser);
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.goto(`${running.url}/#key=${running.apiKey}`);
    await page.getByRole("link", { name: "Two tabs" }).first().click();
    await page.getByRole("link", { name: "Edit" }).click();
    const tags = page.getByRole("textbox", { name: "Tags" });
    await tags.fill("mine");
    await page.getByRole("link", { name: "Incidents" }).click();
    expect(asked).toEqual(["confirm"]);
    expect(await tags.inputValue()).toBe("mine");
    const here = page.url();
    await page.evaluate("history.back()");
    await expect.poll(() => asked).toEqual(["confirm", "confirm"]);
    expect([page.url(), await tags.inputValue()]).toEqual([here, "mine"]);
    await api().call("PATCH", `/targets/${id}`, { group: "Theirs" });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("Somebody changed it since you opened it.", { exact: false }).waitFor();
    await page.getByRole("button", { name: "Save what I changed all the same" }).click();
    await page.getByRole("heading", { name: "Two tabs", exact: true }).waitFor();
    expect(await api().call("GET", `/targets/${id}`)).toMatchObject({ tags: ["mine"], group: "Theirs" });
    await page.goto(`${running.url}/targets/${id}/edit`);
    await tags.fill("other");
    await api().call("PATCH", `/targets/${id}`, { tags: ["theirs"] });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByRole("button", { name: "Take theirs" }).click();
    await expect.poll(() => tags.inputValue()).toBe("theirs");
    await api().call("DELETE", `/targets/${id}`);
  });
});

describe("everything down", () => {
  it("stands in the order of its names, fifty of it with what it has in common; a filter changes no group's figures, and the way back leads where one was", async () => {
    const at = Math.floor(Date.now() / 1_000) - 600;
    const targets = Array.from({ length: 66 }, (_, index) => ({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      name: `service ${String(index).padStart(2, "0")}`,
      type: "http",
      group: index % 2 === 0 ? "Shop" : "Bank",
      status: index < 60 ? "down" : "up",
      since: at,
      ...(index < 60 && { reason: index < 50 ? "connection refused" : "timeout after 10 s" }),
      uptime: 12.5,
      hours: "d".repeat(24),
    }));
    const { page, errors } = await openTab(browser);
    await page.route("**/api/overview", async (route) => {
      const answer = await route.fetch();
      const counts = { down: 60, up: 6 };
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), targets, counts } });
    });
    await page.goto(`${running.url}/#key=${running.apiKey}`);
    const rows = page.locator(".unwell li");
    await rows.first().waitFor();
    expect(await rows.count()).toBe(50);
    expect((await rows.allInnerTexts()).slice(0, 2)).toEqual([
      expect.stringContaining("service 00"),
      expect.stringContaining("service 01"),
    ]);
    await page.getByText("50 × connection refused; 10 × timeout after 10 s").waitFor();
    await page.getByText("Bars and percentages: the last 24 hours").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Show 10 more that are not up" }).click();
    expect(await rows.count()).toBe(60);
    const shop = page.locator("details.group").filter({ hasText: "Shop" });
    await shop.locator("summary").click();
    await shop.getByRole("link", { name: "service 64" }).click();
    await page.waitForURL("**/targets/*");
    await page.goBack();
    await shop.getByRole("link", { name: "service 64" }).waitFor();
    await page.getByRole("group", { name: "Show only" }).getByRole("button", { name: "Up" }).click();
    await page.getByText("3 of 33 up, 3 shown").first().waitFor();
    expect(await page.getByText("3 of 33 up, 3 shown").count()).toBe(2);
    expect(errors.filter((error) => !/404/.test(error))).toEqual([]);
  });
});

describe("a target's page", () => {
  it("leads by its tags to all that have them", async () => {
    const made = await Promise.all(
      ["shop", "shop", "billing"].map(
        async (tag, index) => (await api().call("POST", "/targets", { name: `Tagged ${index}`, url: site, tags: [tag] })) as { id: string },
      ),
    );
    const { page, errors } = await openTab(browser);
    await page.goto(`${running.url}/targets/${made[0]?.id}#key=${running.apiKey}`);
    await page.getByRole("link", { name: "shop", exact: true }).click();
    await page.getByRole("link", { name: "Tagged 1" }).first().waitFor();
    expect(page.url()).toBe(`${running.url}/?tag=shop`);
    expect(await page.getByRole("link", { name: "Tagged 2" }).count()).toBe(0);
    for (const { id } of made) await api().call("DELETE", `/targets/${id}`);
    expect(errors).toEqual([]);
  });

  it.each([
    "targets/6f147f9b-0477-4384-a5c1-0bbec46e8067",
    "targets/6f147f9b-0477-4384-a5c1-0bbec46e8067/edit",
    "incidents/6f147f9b-0477-4384-a5c1-0bbec46e8067.1",
  ])("has a heading where there is none: /%s", async (path) => {
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/${path}#key=${running.apiKey}`);
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
    expect(await page.title()).toMatch(/^(?:Target|Edit a target|Incident) – /);
  });

  it("says once that it was deleted while it was open, and offers nothing more", async () => {
    const { id } = (await api().call("POST", "/targets", { name: "Short-lived", url: site })) as { id: string };
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/targets/${id}#key=${running.apiKey}`);
    await page.getByRole("button", { name: "Check now" }).waitFor();
    await api().call("DELETE", `/targets/${id}`);
    await page.getByText("This was deleted while it was open.").waitFor({ timeout: 60_000 });
    expect(await page.getByText("This was deleted while it was open.").count()).toBe(1);
    expect(await page.getByRole("button", { name: "Check now" }).count()).toBe(0);
  });

  it("tells times by the API's clock, however wrong the browser's is", async () => {
    const { page } = await openTab(browser);
    await page.clock.install({ time: Date.now() + 5 * 3_600_000 });
    await page.goto(signedIn());
    await page.getByText("Server Tracker itself").first().waitFor();
    await page.clock.runFor(15_000);
    await expect.poll(() => page.getByRole("main").innerText()).not.toMatch(/\b[45] h\b/);
    expect(await page.locator("body").innerText()).not.toMatch(/\b[45] h\b/);
  });
});

describe("a form by keyboard", () => {
  it("goes on in what was added, and at the way to add it again once it is removed", async () => {
    const { page } = await openTab(browser);
    await page.goto(`${running.url}/targets/new#key=${running.apiKey}`);
    const focused = () => page.evaluate("[document.activeElement.tagName, document.activeElement.textContent]");
    await page.getByRole("textbox", { name: "URL", exact: true }).waitFor();
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    const add = page.getByRole("button", { name: /^Add oauth/i });
    await add.focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toEqual(["INPUT", ""]);
    const remove = page.getByRole("button", { name: /^Remove oauth/i });
    await remove.focus();
    await page.keyboard.press("Enter");
    await expect.poll(focused).toEqual(["BUTTON", expect.stringMatching(/^Add oauth/i)]);
  });
});

describe("maintenance", () => {
  it("is announced, seen on the overview while it runs, and ended; what is wrong with it is said", async () => {
    const { page, errors } = await openTab(browser);
    const { id } = (await api().call("POST", "/targets", { name: "Far", url: site, group: "Berlin, Mitte" })) as { id: string };
    await page.goto(`${running.url}/maintenance#key=${running.apiKey}`);
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("Upgrade of the database");
    await page.getByRole("combobox", { name: /^Of/ }).selectOption("groups");
    await page.getByLabel("Groups, with commas").fill("Shp");
    await page.getByText("No target has Shp now.").waitFor();
    await page.getByLabel("Groups, with commas").fill("Berlin, Mitte, Shp");
    await page.getByText("No target has Shp now.").waitFor();
    await page.getByRole("combobox", { name: /^Of/ }).selectOption("everything");
    const [from, to] = [page.getByLabel("From"), page.getByLabel("to", { exact: true })];
    const [begin, end] = [await from.inputValue(), await to.inputValue()];
    await from.fill(end);
    await to.fill(begin);
    await page.getByRole("button", { name: "Announce" }).click();
    await page.getByText("must end after it begins", { exact: false }).waitFor();
    await from.fill(begin);
    await to.fill(end);
    await page.getByRole("button", { name: "Announce" }).click();
    await page.getByRole("cell", { name: "Upgrade of the database runs" }).waitFor();
    const calendar = page.getByRole("region", { name: "Calendar" });
    await calendar.locator("td[aria-current=date]").getByText("Upgrade of the database").waitFor();
    const month = await calendar.getByRole("heading").innerText();
    await calendar.getByRole("button", { name: "The month after" }).click();
    await expect.poll(() => calendar.getByRole("heading").innerText()).not.toBe(month);
    expect(page.url()).toMatch(/month=\d{4}-\d\d/);
    await calendar.getByRole("button", { name: "The month before" }).click();
    await calendar.locator("td[aria-current=date]").getByText("Upgrade of the database").waitFor();
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    await page.setViewportSize({ width: 1_440, height: 900 });
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByText("Maintenance runs, and nothing of it is told").waitFor();
    await page.getByRole("link", { name: "Upgrade of the database" }).click();
    await page.getByRole("button", { name: "Edit Upgrade of the database" }).click();
    await page.getByRole("heading", { name: "Change Upgrade of the database" }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("window-name");
    await page.getByLabel("Kind").selectOption("silence");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Announce one" }).waitFor();
    expect(await api().call("GET", "/maintenance")).toMatchObject({
      items: [{ name: "Upgrade of the database", kind: "silence", all: true, version: 2 }],
    });
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "End Upgrade of the database" }).click();
    await page.getByText("None is announced.").waitFor();
    // What is not changed stays as it was made, to the second, whatever its names hold.
    const once = { from: "2030-01-01T10:00:30.000Z", to: "2030-01-01T11:00:45.000Z" };
    await api().call("POST", "/maintenance", { name: "Exact", groups: ["Berlin, Mitte"], once });
    await page.reload();
    await page.getByRole("button", { name: "Edit Exact" }).click();
    await page.locator("#window-name").fill("Exact still");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("cell", { name: "Exact still", exact: true }).waitFor();
    const { items } = (await api().call("GET", "/maintenance")) as { items: { id: string }[] };
    expect(items).toMatchObject([{ name: "Exact still", groups: ["Berlin, Mitte"], once }]);
    // Who changes it at the same time is not overwritten, and can be followed.
    await page.getByRole("button", { name: "Edit Exact still" }).click();
    await page.locator("#window-name").fill("Mine");
    await api().call("PATCH", `/maintenance/${items[0]?.id}`, { name: "Theirs" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Take theirs" }).click();
    await expect.poll(() => page.locator("#window-name").inputValue()).toBe("Theirs");
    expect(await api().call("GET", "/maintenance")).toMatchObject({ items: [{ name: "Theirs" }] });
    await api().call("DELETE", `/maintenance/${items[0]?.id}`);
    await api().call("DELETE", `/targets/${id}`);
    expect(errors).toEqual([]);
  });
});

describe("alerts", () => {
  it("a channel is made, refused with the field named, tried, paused and deleted", async () => {
    const taken: string[] = [];
    const sink = createServer((request, response) => {
      taken.push(request.url ?? "");
      request.resume().on("end", () => response.writeHead(204).end());
    });
    const url = await listen(sink);
    onTestFinished(() => void sink.close());
    const { page, errors } = await openTab(browser);
    await page.goto(`${running.url}/channels#key=${running.apiKey}`);
    await page.getByRole("button", { name: "New channel" }).click();
    await page.getByLabel("Service").selectOption("webhook");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill("On call");
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByText("must be an http or https URL", { exact: true }).waitFor();
    await page.getByRole("group", { name: "Settings" }).getByLabel("URL").fill(`${url}/hook`);
    await page.getByRole("button", { name: "Make it" }).click();
    await page.getByText("webhook, on-call").waitFor();
    expect(await page.content()).not.toContain("/hook");
    await page.getByRole("button", { name: "Send a test to On call" }).click();
    await page.getByText("The service took it.").waitFor();
    expect(taken).toEqual(["/hook"]);
    await page.getByRole("button", { name: "Edit On call" }).click();
    await page.getByRole("textbox", { name: "Any tag" }).fill("prod");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
    const { items } = (await api().call("GET", "/channels")) as { items: { id: string; match?: object; settings?: object }[] };
    expect(items.find(({ id }) => id === "on-call")).toMatchObject({ match: { anyTag: ["prod"], groups: [] }, settings: { url: "***" } });
    await page.getByRole("button", { name: "Pause On call" }).click();
    await page.getByRole("button", { name: "Resume On call" }).waitFor();
    page.on("dialog", (dialog) => void dialog.accept());
    await page.getByRole("button", { name: "Delete On call" }).click();
    await page.getByText("webhook, on-call").waitFor({ state: "detached" });
    expect(errors).toEqual([]);
  });
});

/** As the API answers while its log wakes: test/e2e/economy.test.ts. */
const ASLEEP = {
  status: 202,
  contentType: "application/problem+json",
  body: JSON.stringify({ type: "urn:server-tracker:log-asleep", title: "The log sleeps", status: 202, detail: "Ask again." }),
};

describe("an incident", () => {
  it("is acknowledged, commented, and tells its story; one that somebody opens has updates", async () => {
    const down = (await api().call("POST", "/targets", { name: "Closed port", url: "http://127.0.0.1:1/", retries: 0 })) as { id: string };
    const { page, errors } = await openTab(browser);
    await expect
      .poll(async () => ((await api().call("GET", `/incidents?target=${down.id}`)) as { items: unknown[] }).items.length, {
        timeout: 90_000,
      })
      .toBe(1);
    await page.goto(`${running.url}/incidents#key=${running.apiKey}`);
    await page.getByRole("row").filter({ hasText: "Closed port" }).getByRole("link").nth(1).click();
    await page.getByRole("heading", { name: "Closed port is down" }).waitFor();
    await page.getByLabel("Note").fill("I look at the port.");
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("api-key takes care of it", { exact: false }).waitFor();
    await page.getByLabel("Note").fill("Nobody listens there.");
    // The log sleeps: what is said waits until it is awake, and is not lost.
    await page.route("**/api/incidents/*/comment", (route) => route.fulfill(ASLEEP), { times: 1 });
    await page.getByRole("button", { name: "Comment" }).click();
    await page.getByText("Nobody listens there.").waitFor();
    await page.getByText("I look at the port.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByText("Tell the public").click();
    await page.getByLabel("What status pages say of it").fill("We know, and look at it.");
    await page.getByLabel("It is").selectOption("identified");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByText("identified: We know, and look at it.").waitFor();
    expect(await page.getByLabel("It is").locator("option").allTextContents()).toEqual(["investigating", "identified", "monitoring"]);
    await page.getByRole("button", { name: "Give it back" }).click();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
    await page.getByRole("link", { name: "Incidents" }).click();
    await page.getByText("Open one for what no check sees").click();
    await page.getByLabel("Title").fill("Payments are slow");
    await page.getByLabel("Text").fill("We are looking.");
    await page.getByRole("button", { name: "Open it" }).click();
    await page.getByRole("heading", { name: "Payments are slow" }).waitFor();
    await page.getByLabel("Update", { exact: true }).fill("It was the bank.");
    await page.getByLabel("It is").selectOption("resolved");
    await page.getByRole("button", { name: "Add" }).click();
    await page.getByText("It was the bank.").waitFor();
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await api().call("DELETE", `/targets/${down.id}`);
  });
});

describe("reports and silence", () => {
  it("a month is shown by target and group, and saved as a table; a target is silenced from its page", async () => {
    const { page, errors } = await openTab(browser, { timezoneId: "Asia/Tokyo" });
    await page.goto(`${running.url}/reports#key=${running.apiKey}`);
    await page.getByRole("heading", { name: "Reports" }).waitFor();
    await page.getByText("How these figures come about").click();
    await page.getByText("neither up nor down nor unknown", { exact: false }).waitFor();
    const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download as CSV" }).click()]);
    expect(saved.suggestedFilename()).toMatch(/^uptime-\d{4}-\d\d\.csv$/);
    const lines = (await text(await saved.createReadStream())).split("\n");
    expect(lines[0]).toContain("uptimePercent");
    await page.goto(signedIn());
    await page.getByRole("link", { name: "Server Tracker itself" }).first().click();
    await page.getByLabel("For how long").selectOption("for 4 h");
    expect(await api().call("GET", "/maintenance")).toMatchObject({ items: [] });
    await page.getByRole("button", { name: "Silence" }).click();
    await page.getByText("Nothing is told of it until", { exact: false }).waitFor();
    const { items } = (await api().call("GET", "/maintenance")) as { items: { id: string; kind: string; active: boolean }[] };
    expect(items).toMatchObject([{ kind: "silence", active: true }]);
    // Whoever comes later sees it, too.
    await page.reload();
    await page.getByText("nothing is told of it", { exact: false }).waitFor();
    // In the reader's zone, which is named, and in UTC at a press.
    const until = page.getByText("nothing is told of it", { exact: false }).locator("time");
    const [own, iso] = [await until.innerText(), (await until.getAttribute("datetime")) ?? ""];
    await page.getByRole("button", { name: "UTC" }).click();
    expect(await until.innerText()).toContain(`${new Date(iso).toLocaleTimeString("en-GB", { timeZone: "UTC" })} UTC`);
    await page.reload();
    expect(await until.innerText()).toMatch(/ UTC$/);
    expect(own).not.toMatch(/ UTC$/);
    await page.getByRole("button", { name: "UTC" }).click();
    expect(await until.innerText()).toBe(own);
    await api().call("DELETE", `/maintenance/${items[0]?.id}`);
    expect(errors).toEqual([]);
  });
});

describe("a status page", () => {
  it("is made, looked at, renews itself, shows each day by keys, and stands without whom it tells of", async () => {
    const { page, errors } = await openTab(browser);
    const { id } = (await api().call("POST", "/targets", { name: HOSTILE.slice(0, 60), url: "http://127.0.0.1:1/", retries: 0 })) as {
      id: string;
    };
    await page.goto(`${running.url}/status-pages#key=${running.apiKey}`);
    await page.getByRole("button", { name: "New page" }).click();
    await page.getByRole("textbox", { name: "Slug" }).fill("Not a slug");
    await page.getByRole("button", { name: "Publish it" }).click();
    await page.getByText("must be 1 to 50 of a to z", { exact: false }).first().waitFor();
    await page.getByRole("textbox", { name: "Slug" }).fill("acme");
    await page.getByRole("textbox", { name: "Title" }).fill(`Acme ${HOSTILE}`);
    const section = page.getByRole("group", { name: "section 1" });
    await section.getByRole("button", { name: "Add target" }).click();
    await section.getByRole("combobox", { name: "Target", exact: true }).selectOption("Server Tracker itself");
    await section.getByRole("textbox", { name: "Name", exact: true }).nth(1).fill("The tracker");
    await section.getByRole("button", { name: "Add target" }).click();
    await section.getByRole("combobox", { name: "Target", exact: true }).nth(1).selectOption(id);
    // A logo is chosen and seen, with all else, before anything is published.
    const dot = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    await page.getByLabel("Logo").setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: dot });
    await page.getByText("One is set.").waitFor();
    await page.getByRole("button", { name: "Preview" }).click();
    const seen = page.frameLocator("iframe.preview");
    await seen.getByRole("heading", { name: "The tracker" }).waitFor();
    await expect
      .poll(() => seen.locator("header img").evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(1);
    expect(await seen.locator("main").evaluate((main) => main.getBoundingClientRect().left)).toBeGreaterThan(0);
    expect((await fetch(`${running.url}/status/acme/`)).status).toBe(404);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Publish it" }).click();
    await page.getByText("/status/acme/", { exact: false }).waitFor();

    await expect.poll(async () => (await fetch(`${running.url}/status/acme/`)).status, { timeout: 60_000 }).toBe(200);
    await page.goto(`${running.url}/status/acme/`);
    await expect
      .poll(async () => (await fetch(`${running.url}/status/acme/api/v2/status.json`)).text(), { timeout: 60_000 })
      .toContain('"major"');
    await page.reload();
    await page.getByRole("heading", { name: "Of 2: 1 down, 1 up." }).waitFor();
    await page.getByRole("heading", { name: "The tracker" }).waitFor();
    expect(await page.evaluate(() => "broken" in globalThis)).toBe(false);
    await page.getByRole("img", { name: /^The tracker: 90 days/ }).focus();
    await page.keyboard.press("End");
    await page
      .locator(".day")
      .filter({ hasText: new Date().toISOString().slice(0, 10) })
      .waitFor();
    for (const path of ["", "history/", "embed/"]) {
      await page.goto(`${running.url}/status/acme/${path}`);
      await page.waitForLoadState("networkidle");
      expect({ path, found: await violations(page) }).toEqual({ path, found: path === "embed/" ? expect.anything() : [] });
    }

    // What S3 and CloudFront do, while everything of ours is away.
    const files = createApiServer(new Promise(() => undefined), {
      page: createPageFiles(folder, pageSources(join(folder, "pages"))),
    });
    onTestFinished(() => void files.close());
    const elsewhere = await listen(files);
    await page.clock.install({ time: Date.now() + 3_600_000 });
    await page.goto(`${elsewhere}/status/acme/`);
    await page.getByText(/^This was written (59|60|61) minutes ago.*How it stands now is not known\.$/).waitFor();
    await page.getByRole("heading", { name: "The tracker" }).waitFor();
    expect(errors).toEqual([]);
    await api().call("DELETE", `/targets/${id}`);
  });

  it("is read without a script", async () => {
    const { page } = await openTab(browser, { javaScriptEnabled: false });
    await page.goto(`${running.url}/status/acme/`);
    await page.getByRole("heading", { name: "The tracker" }).waitFor();
    await page.getByText("These files are written when something changes", { exact: false }).waitFor();
  });
});

describe("what others write", () => {
  it("is shown as text on every screen, and never run", async () => {
    await api().call("POST", "/targets", {
      name: HOSTILE,
      url: `${site}/?q=<script>`,
      group: HOSTILE.slice(0, 80),
      tags: [HOSTILE.slice(0, 40)],
    });
    const { items } = (await api().call("GET", "/targets?limit=500")) as { items: { id: string; name: string }[] };
    const id = items.find(({ name }) => name === HOSTILE)?.id;
    const { page, errors } = await openTab(browser);
    await page.goto(signedIn());
    for (const path of ["/", `/targets/${id}`, `/targets/${id}/edit`, "/incidents", "/channels", "/access", `/targets/new?like=${id}`]) {
      await page.goto(running.url + path);
      await page.locator("h1").first().waitFor();
      await page.waitForLoadState("networkidle");
      expect(await page.evaluate(() => "broken" in globalThis)).toBe(false);
    }
    expect(errors).toEqual([]);
  });
});

describe("when the API is away", () => {
  it("keeps what it had, and says since when", async () => {
    const { page } = await openTab(browser);
    await page.goto(signedIn());
    await page.getByText("Server Tracker itself").first().waitFor();
    await page.route("**/api/**", (route) => route.abort());
    await page.getByText("This is how it was at", { exact: false }).waitFor({ timeout: 60_000 });
    await page.getByRole("status").getByText("The API does not answer since", { exact: false }).waitFor();
    expect(await page.getByText("Server Tracker itself").count()).toBeGreaterThan(0);
    await page.unroute("**/api/**");
    await page.getByText("This is how it was at", { exact: false }).waitFor({ state: "detached", timeout: 60_000 });
  });

  it.each([429, 500, 503])("tells an answer of %i in its words", async (status) => {
    const { page } = await openTab(browser);
    await page.goto(signedIn());
    await page.getByText("Server Tracker itself").first().waitFor();
    await page.route("**/api/incidents**", (route) =>
      route.fulfill({
        status,
        contentType: "application/problem+json",
        body: JSON.stringify({ title: "x", status, detail: "Try again in 3 s." }),
      }),
    );
    await page.getByRole("link", { name: "Incidents" }).click();
    await page.getByText("Try again in 3 s.").waitFor({ timeout: 30_000 });
  });

  it("waits for a log that sleeps, says so, and shows what there is when it is awake", async () => {
    const { page } = await openTab(browser);
    await page.goto(signedIn());
    await page.getByText("Server Tracker itself").first().waitFor();
    await page.route(/\/api\/targets\/[^/]+\/(?:summary|series|checks|alerts)/, (route) => route.fulfill(ASLEEP));
    await page.getByRole("link", { name: "Server Tracker itself" }).click();
    await page.getByText("The log is waking …").first().waitFor({ timeout: 30_000 });
    await page.getByRole("status").getByText("is waking: half a minute at most", { exact: false }).waitFor();
    // What the log is not needed for is there.
    expect(await page.getByRole("button", { name: "Check now" }).count()).toBe(1);
    await page.unroute(/\/api\/targets\/[^/]+\/(?:summary|series|checks|alerts)/);
    await page.getByText("The log is waking …").first().waitFor({ state: "detached", timeout: 30_000 });
    await page.getByRole("columnheader", { name: "Window" }).waitFor();
  });
});

describe.each([
  ["light", 1_440],
  ["dark", 1_440],
  ["light", 768],
  ["dark", 360],
] as const)("in %s, %i px wide", (colorScheme, width) => {
  it("every screen is free of what axe finds, and as wide as it may be", async () => {
    const { items } = (await api().call("GET", "/targets?limit=500")) as { items: { id: string; name: string }[] };
    const id = items.find(({ name }) => name === "Server Tracker itself")?.id;
    await statusPageOf(id ?? "");
    const { page } = await openTab(browser, { colorScheme, viewport: { width, height: 900 } });
    await page.goto(running.url);
    await page.getByLabel("API token or key").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.goto(signedIn());
    for (const path of [
      "/",
      `/targets/${id}`,
      "/targets/new",
      `/targets/${id}/edit`,
      "/incidents",
      "/channels",
      "/maintenance",
      "/reports",
      "/status-pages",
      "/access",
      "/status/everything/",
    ]) {
      await page.goto(running.url + path);
      await page.locator("h1").first().waitFor();
      await page.waitForLoadState("networkidle");
      expect({ path, found: await violations(page) }).toEqual({ path, found: [] });
      const wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect({ path, wider }).toEqual({ path, wider: 0 });
    }
  });
});

describe("the keyboard", () => {
  it("reaches everything: / searches, Tab and Enter open a target, arrows move through days", async () => {
    const { page } = await openTab(browser);
    await page.goto(signedIn());
    await page.getByText("Server Tracker itself").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("tracker it");
    await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("tracker it");
    await page.getByRole("link", { name: "Server Tracker itself" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Server Tracker itself" }).waitFor();
    await page.locator(".days svg").focus();
    await page.keyboard.press("ArrowLeft");
    await page.locator(".days figcaption").getByText("% up", { exact: false }).waitFor();
  });
});
