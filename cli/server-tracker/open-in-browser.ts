import { spawn } from "node:child_process";

/** Shows an address in this machine's browser. @param missing called where there is none */
export function openInBrowser(url: string, missing: () => void): void {
  const program = { darwin: "open", win32: "explorer" }[process.platform as string] ?? "xdg-open";
  spawn(program, [url], { stdio: "ignore", detached: true }).once("error", missing).unref();
}
