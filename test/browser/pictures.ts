import { spawn } from "node:child_process";
import { launchBrowser } from "../support/browser.ts";

/*
 * `npm run pictures`: the pictures of the README, from the demo. It takes two and a half minutes, since things must happen.
 */
const HAPPENS_MS = 150_000;

const demo = spawn(process.execPath, ["--require", "./local/preload.cjs", "local/demo/index.ts"], {
  env: { PATH: process.env["PATH"], HOME: process.env["HOME"], PORT: "0" },
  stdio: ["ignore", "pipe", "inherit"],
});
let output = "";
const signIn = await new Promise<string>((resolve, reject) => {
  demo.once("exit", (code) => reject(new Error(`the demo ended with ${code}: ${output}`)));
  demo.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
    const found = /page +(\S+#key=\S+)/.exec(output)?.[1];
    if (found !== undefined && /Ctrl-C/.test(output)) resolve(found);
  });
});
const browser = await launchBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1_200, height: 760 }, colorScheme: "light", locale: "en-GB" });
  const shoot = (name: string) => page.screenshot({ path: `docs/pictures/${name}.png` });
  await new Promise((resolve) => setTimeout(resolve, HAPPENS_MS));
  await page.goto(signIn);
  await page.getByText("Broken page").first().waitFor();
  await page.waitForLoadState("networkidle");
  await shoot("overview");
  await page.getByRole("link", { name: "Flapping page" }).first().click();
  await page.locator("canvas").first().waitFor();
  await page.waitForLoadState("networkidle");
  await shoot("target");
  await page.goto(new URL("/status/demo/", signIn).href);
  await page.waitForLoadState("networkidle");
  await shoot("status-page");
} finally {
  await browser.close();
  demo.kill("SIGINT");
}
