import { createServer, request as httpRequest } from "node:http";
import { onTestFinished } from "vitest";
import { listen } from "../../local/stand-ins/listen.ts";

/** What Aurora answers while it resumes. https://docs.aws.amazon.com/rdsdataservice/latest/APIReference/API_ExecuteStatement.html */
const RESUMING = JSON.stringify({ message: "The Aurora DB instance is resuming after being auto-paused. Please wait and try again." });

/** A Data API in front of another that sleeps when it is told to, resumes when it is called, and counts its calls. */
export interface SleepyLog {
  readonly url: string;
  /** Where the calls go that it takes. */
  upstream: string;
  /** Calls since the last time that this was asked, also those that it refused. */
  calls(): number;
  fallAsleep(): void;
}

/** @param resumeMs how long it takes to resume */
export async function startSleepyLog(resumeMs: number): Promise<SleepyLog> {
  let calls = 0;
  let state: "awake" | "asleep" | { readonly awakeAt: number } = "awake";
  const server = createServer((incoming, outgoing) => {
    calls++;
    if (state === "asleep") state = { awakeAt: Date.now() + resumeMs };
    if (state !== "awake" && Date.now() < state.awakeAt) {
      incoming.resume();
      outgoing.writeHead(400, { "content-type": "application/json", "x-amzn-errortype": "DatabaseResumingException" }).end(RESUMING);
      return;
    }
    state = "awake";
    const call = httpRequest(`${sleepy.upstream}${incoming.url}`, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    call.on("error", () => outgoing.destroy());
    incoming.pipe(call);
  });
  const sleepy: SleepyLog = {
    url: await listen(server),
    upstream: "",
    calls() {
      const counted = calls;
      calls = 0;
      return counted;
    },
    fallAsleep() {
      state = "asleep";
    },
  };
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return sleepy;
}
