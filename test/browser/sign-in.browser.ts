import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { CHROMIUM, launchBrowser, openTab, violations } from "../support/browser.ts";
import { type StartedProcess, startProcess } from "../support/process.ts";

/*
 * Signing in by authorization code with PKCE, against the development issuer of the real `npm start`, which is another
 * origin than the page.
 */
let browser: Browser;
let folder: string;
let running: StartedProcess;

beforeAll(async () => {
  if (CHROMIUM === undefined) throw new Error("no Chromium here: install one (Debian: apt-get install chromium), or name it in CHROMIUM");
  folder = await mkdtemp(join(tmpdir(), "server-tracker-"));
  [browser, running] = await Promise.all([launchBrowser(), startProcess({ DATA_DIR: folder })]);
});
afterAll(async () => {
  await browser?.close();
  running?.child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

const account = "Sign in with your account";

/** On the issuer's page. */
async function logIn(page: Page, role: string, key = running.apiKey): Promise<void> {
  await page.getByLabel("API key").fill(key);
  await page.getByLabel(role).check();
  await page.getByRole("button", { name: "Sign in" }).click();
}

const stored = (page: Page) => page.evaluate("[localStorage.length, document.cookie]");

it("leads to the issuer and back to where one was, in the role that it names", async () => {
  const { page, errors } = await openTab(browser);
  await page.goto(`${running.url}/incidents?open=no`);
  await page.getByRole("button", { name: account }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(new URL(page.url()).origin).not.toBe(running.url);
  expect(await violations(page)).toEqual([]);
  await logIn(page, "viewer", "not the key");
  await page.getByText("This is not the API key").waitFor();
  await logIn(page, "viewer");
  await page.getByRole("banner").getByText("viewer").waitFor();
  expect(page.url()).toBe(`${running.url}/incidents?open=no`);
  // What a viewer may not do is not offered, and the API says who it is.
  expect(await page.getByRole("link", { name: "Access" }).count()).toBe(0);
  // A reload goes on; nothing is left where other tabs and days would find it.
  await page.reload();
  await page.getByRole("banner").getByText("viewer").waitFor();
  expect(await stored(page)).toEqual([0, ""]);
  expect(errors.filter((error) => !error.includes("403"))).toEqual([]);
});

it("goes on after an hour without asking anybody, and ends at sign-out", async () => {
  const { page, errors } = await openTab(browser);
  await page.clock.install();
  await page.goto(running.url);
  await page.getByRole("button", { name: account }).click();
  await logIn(page, "editor");
  await page.getByRole("link", { name: "New target" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Half written");
  const token = () => page.evaluate("sessionStorage.getItem('server-tracker.credential')");
  const first = await token();
  // Tokens are the same within a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await page.clock.fastForward("59:30");
  await expect.poll(token).not.toBe(first);
  // The form that it happened beneath is as it was.
  expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Half written");
  await page.getByRole("banner").getByText("editor").waitFor();
  // What was written goes with it, once it is said that it may.
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.message());
    void (asked.length === 1 ? dialog.dismiss() : dialog.accept());
  });
  await page.getByRole("button", { name: "Sign out" }).click();
  expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Half written");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: account }).waitFor();
  expect(asked).toHaveLength(2);
  expect(await page.evaluate("sessionStorage.length")).toBe(0);
  expect(errors).toEqual([]);
});

it("asks again beside the work when the session has ended, which is kept", async () => {
  const { page, errors } = await openTab(browser);
  await page.goto(running.url);
  await page.getByRole("button", { name: account }).click();
  await logIn(page, "admin");
  await page.getByRole("link", { name: "New target" }).click();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("Half written");
  await page.getByRole("textbox", { name: "URL", exact: true }).fill(`${running.url}/health`);
  // As a token that is over.
  await page.evaluate("sessionStorage.setItem('server-tracker.credential', 'eyJ.eyJ.AA')");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("heading", { name: "Sign in again" }).waitFor();
  const opened = page.waitForEvent("popup");
  await page.getByRole("button", { name: account }).click();
  const popup = await opened;
  await logIn(popup, "editor");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await expect.poll(() => popup.isClosed()).toBe(true);
  await page.getByRole("banner").getByText("editor").waitFor();
  expect(await page.getByRole("textbox", { name: "Name", exact: true }).inputValue()).toBe("Half written");
  await page.getByRole("button", { name: "Register" }).click();
  await page.getByRole("heading", { name: "Half written" }).waitFor();
  expect(await stored(page)).toEqual([0, ""]);
  expect(errors).toEqual([]);
});

it("says what is wrong with an answer that is not the issuer's", async () => {
  const { page } = await openTab(browser);
  await page.goto(`${running.url}/sign-in?code=made-up&state=unknown`);
  await page.getByText("This window has done its part").waitFor();
  expect(await page.evaluate("sessionStorage.getItem('server-tracker.credential')")).toBe(null);
  await page.getByRole("link", { name: "To the overview" }).click();
  await page.getByRole("button", { name: account }).waitFor();
});
