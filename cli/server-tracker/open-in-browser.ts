import { spawn } from "node:child_process";

/** Shows an address in this machine's browser, where there is one: who calls it says the address, too. */
export function openInBrowser(url: string): void {
  const program = { darwin: "open", win32: "explorer" }[process.platform as string] ?? "xdg-open";
  spawn(program, [url], { stdio: "ignore", detached: true })
    .once("error", () => undefined)
    .unref();
}
