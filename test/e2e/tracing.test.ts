import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type Monitor, marksFromNow, startMonitor, startSite } from "../support/monitor.ts";

/* Rounds as X-Ray sees them, by what reaches its daemon: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
interface Segment {
  readonly name: string;
  readonly trace_id: string;
  readonly aws?: { readonly operation?: string; readonly table_name?: string };
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly subsegments?: readonly Segment[];
}

const TRACE = "1-5759e988-bd862e3fe1be46a994272793";
const daemon = createSocket("udp4");
const received: string[] = [];
let monitor: Monitor;

beforeAll(async () => {
  daemon.on("message", (message) => received.push(message.toString("utf8")));
  daemon.bind(0, "127.0.0.1");
  await once(daemon, "listening");
  // What Lambda has in the environment of a function with active tracing.
  vi.stubEnv("AWS_EXECUTION_ENV", "AWS_Lambda_nodejs24.x");
  vi.stubEnv("LAMBDA_TASK_ROOT", "/var/task");
  vi.stubEnv("_HANDLER", "index.handler");
  vi.stubEnv("_X_AMZN_TRACE_ID", `Root=${TRACE};Parent=53995c3f42cd8ad8;Sampled=1`);
  vi.stubEnv("AWS_XRAY_DAEMON_ADDRESS", `127.0.0.1:${daemon.address().port}`);
  vi.stubEnv("POWERTOOLS_TRACE_ENABLED", "true");
  monitor = await startMonitor();
});
afterAll(async () => {
  await monitor.close();
  daemon.close();
  vi.unstubAllEnvs();
});

it("records what each task asks of AWS, and nothing of whom it checks", async () => {
  const site = await startSite();
  await monitor.api("POST", "/targets", { name: "A shop of ours", url: `${site.url}/path-of-the-shop` });
  await monitor.round(marksFromNow()());
  expect(site.hits()).toBe(1);
  const segments = () =>
    received
      .map((message) => JSON.parse(message.slice(message.indexOf("\n") + 1)) as Segment)
      .flatMap((segment) => [segment, ...(segment.subsegments ?? [])]);
  await vi.waitFor(() => expect(segments().map(({ name }) => name)).toContain("## index.handler"), { timeout: 20_000 });
  const seen = segments();
  expect(seen.filter(({ trace_id }) => trace_id !== undefined).every(({ trace_id }) => trace_id === TRACE)).toBe(true);
  const calls = seen.flatMap(({ name, aws }) => (aws?.operation === undefined ? [] : [`${name} ${aws.operation} ${aws.table_name ?? ""}`]));
  expect(new Set(calls).size).toBeGreaterThan(3);
  expect(calls).toContain("DynamoDB Query server-tracker");
  expect(received.join("")).not.toMatch(/path-of-the-shop|A shop of ours/);
  expect(received.join("")).not.toContain(`:${new URL(site.url).port}`);
});
