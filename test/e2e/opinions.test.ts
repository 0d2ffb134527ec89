import { createServer, type RequestListener, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { requireKey } from "../../local/stand-ins/engines/engine-key.ts";
import { createLambdaServer } from "../../local/stand-ins/lambda-server.ts";
import { listen } from "../../local/stand-ins/listen.ts";
import { createAddressGuard } from "../../shared/net/address-guard.ts";
import { answerProbe } from "../../shared/round/probe-call.ts";
import { testEngine } from "../support/checks.ts";
import { type Monitor, marksFromNow, startMonitor } from "../support/monitor.ts";

/*
 * Second opinions as a deployment gets them: rounds through the state machine, probes behind Lambda's API, and a site that
 * answers each of the three places as it likes.
 */
let monitor: Monitor;
let site: string;
const servers: Server[] = [];
/** What the site answers, by who asks. */
let says: Record<string, number> = {};
/** What the far probe does instead of checking. */
let instead: RequestListener | undefined;
let calls: string[] = [];

async function serve(server: Server): Promise<string> {
  servers.push(server);
  return listen(server);
}

function probeOf(name: string): Server {
  const engine = testEngine({ guard: createAddressGuard(["127.0.0.0/8"]), userAgent: name });
  const probe = (input: unknown) => {
    calls.push(name);
    return answerProbe(engine, input);
  };
  return createLambdaServer(Promise.resolve({ probe }), () => undefined).server;
}

beforeAll(async () => {
  site = await serve(
    createServer((request, response) => {
      const from = String(request.headers["user-agent"]).split("/")[0] ?? "";
      const isKnown = request.headers["x-secret"] === "s3cret";
      response.writeHead(isKnown ? (says[from] ?? 200) : 401).end();
    }),
  );
  const near = new URL(await serve(requireKey(probeOf("near"), "key-of-a-probe-0123")));
  near.username = "key-of-a-probe-0123";
  const far = probeOf("far");
  const [handle] = far.listeners("request") as RequestListener[];
  const farUrl = await serve(createServer((request, response) => (instead ?? handle)?.(request, response)));
  monitor = await startMonitor({ PROBES: `near=${near.href.replace(/\/$/, "")},far=${farUrl}`, PROBE_HOME: "home" });
}, 60_000);
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await monitor.close();
});
beforeEach(() => {
  [says, instead, calls] = [{}, undefined, []];
});

const mark = marksFromNow();
const statusOf = async (id: string) => ((await monitor.api("GET", `/targets/${id}`)) as { status: string }).status;
const reasonOf = async (id: string) => {
  const { items } = (await monitor.api("GET", `/targets/${id}/checks?limit=1`)) as { items: { error: { text: string } | null }[] };
  return items[0]?.error?.text;
};
const opinionsOf = async (id: string) => ((await monitor.api("GET", `/targets/${id}/opinions`)) as { items: object[] }).items;

/** A target that is up, and has been checked once. */
async function watched(more: object = {}): Promise<string> {
  const target = { name: `Shop ${Math.random()}`, url: site, headers: { "x-secret": "s3cret" }, retries: 0, timeoutMs: 1_000, ...more };
  const { id } = (await monitor.api("POST", "/targets", target)) as { id: string };
  await monitor.round(mark());
  expect([await statusOf(id), calls]).toEqual(["up", []]);
  return id;
}

it("holds for degraded what only this place sees down, and says who sees what", async () => {
  const id = await watched();
  says = { "server-tracker": 503 };
  await monitor.round(mark());
  expect(await statusOf(id)).toBe("degraded");
  expect(await reasonOf(id)).toBe("down from home (503 Service Unavailable), up from near and far");
  expect(monitor.discord.at(-1)?.body).toMatchObject({ embeds: [{ title: expect.stringContaining("degraded") }] });
  // As long as it is so, others are asked; then it is up, and they are not.
  await monitor.round(mark());
  says = {};
  await monitor.round(mark());
  await monitor.round(mark());
  expect([await statusOf(id), calls.toSorted()]).toEqual(["up", ["far", "far", "near", "near"]]);
  await monitor.api("DELETE", `/targets/${id}`);
});

it("holds for down what enough see down; the incident tells what each of them saw", async () => {
  const id = await watched();
  says = { "server-tracker": 503, near: 502 };
  const at = mark();
  await monitor.round(at);
  expect(await statusOf(id)).toBe("down");
  expect(await reasonOf(id)).toBe("503 Service Unavailable (also from near: 502 Bad Gateway; up from far)");
  // What is down needs no opinion.
  await monitor.round(mark());
  expect(calls).toHaveLength(2);
  const incident = await monitor.api("GET", `/incidents/${id}.${at}`);
  expect(incident).toMatchObject({
    opinions: [
      { region: "far", status: "up", error: null, httpStatus: 200, latencyMs: expect.any(Number) },
      { region: "near", status: "down", error: "502 Bad Gateway", httpStatus: 502, phases: { connectMs: expect.any(Number) } },
    ],
  });
  await monitor.api("DELETE", `/targets/${id}`);
});

it("goes by what a target says: which places, and how many", async () => {
  const all = await watched({ confirm: { agree: 3 } });
  const alone = await watched({ confirm: { agree: 1 } });
  const one = await watched({ confirm: { from: ["far"] } });
  says = { "server-tracker": 503, near: 503 };
  await monitor.round(mark());
  expect([await statusOf(all), await statusOf(alone), await statusOf(one)]).toEqual(["degraded", "down", "degraded"]);
  expect(await reasonOf(one)).toBe("down from home (503 Service Unavailable), up from far");
  for (const id of [all, alone, one]) await monitor.api("DELETE", `/targets/${id}`);
});

const RUBBISH = "x".repeat(300_000);
it.each<[string, RequestListener, string]>([
  ["hangs", () => undefined, "no answer"],
  ["is gone", (request) => void request.socket.destroy(), "cannot be called"],
  ["is refused", (_, response) => void response.writeHead(403).end('{"message":"not for you, 123456789012"}'), "cannot be called"],
  [
    "fails",
    (_, response) => void response.writeHead(200, { "x-amz-function-error": "Unhandled" }).end('{"errorMessage":"s3cret"}'),
    "its check failed",
  ],
  [
    "is of another release",
    (_, response) => void response.writeHead(200).end('{"version":9,"result":{"status":"up"}}'),
    "is of another release",
  ],
  ["floods", (_, response) => void response.writeHead(200).end(RUBBISH), "answers too much"],
  [
    "floods without end",
    (_, response) => {
      response.writeHead(200).on("error", () => undefined);
      const more = () => {
        while (!response.destroyed && response.write(RUBBISH));
      };
      response.on("drain", more);
      more();
    },
    "answers too much",
  ],
])("counts no vote of a probe that %s, and says so", async (_, handler, reason) => {
  const id = await watched();
  says = { "server-tracker": 503 };
  instead = handler;
  await monitor.round(mark());
  expect(await statusOf(id)).toBe("degraded");
  expect(await reasonOf(id)).toMatch(`down from home (503 Service Unavailable), up from near; not asked: far: ${reason}`);
  const said = await opinionsOf(id);
  expect(said).toMatchObject([
    { region: "far", status: null, error: expect.stringContaining(reason) },
    { region: "near", status: "up" },
  ]);
  expect(JSON.stringify(said)).not.toMatch(/s3cret|123456789012/);
  await monitor.api("DELETE", `/targets/${id}`);
});

it("shows how a target looks from elsewhere, as often as it asks for, and decides nothing by it", async () => {
  const target = { name: `Seen ${Math.random()}`, url: site, headers: { "x-secret": "s3cret" }, retries: 0, timeoutMs: 1_000 };
  const { id } = (await monitor.api("POST", "/targets", { ...target, from: ["far", "near"], fromEvery: 2 })) as { id: string };
  says = { far: 500 };
  for (let round = 0; round < 4; round++) await monitor.round(mark());
  expect([await statusOf(id), calls.toSorted()]).toEqual(["up", ["far", "far", "near", "near"]]);
  expect(await opinionsOf(id)).toMatchObject([
    { region: "far", status: "down", httpStatus: 500, error: "500 Internal Server Error" },
    { region: "near", status: "up", latencyMs: expect.any(Number), phases: { connectMs: expect.any(Number) } },
    { region: "far", status: "down" },
    { region: "near", status: "up" },
  ]);
  // Where the check has failed, they are asked for their opinion besides, which is what is kept of them.
  [says, calls] = [{ "server-tracker": 503, far: 500 }, []];
  await monitor.api("PATCH", `/targets/${id}`, { fromEvery: 1 });
  await monitor.round(mark());
  expect([await statusOf(id), calls.toSorted()]).toEqual(["down", ["far", "far", "near", "near"]]);
  expect(await reasonOf(id)).toBe("503 Service Unavailable (also from far: 500 Internal Server Error; up from near)");
  expect(await opinionsOf(id)).toHaveLength(6);
  await monitor.api("DELETE", `/targets/${id}`);
});

it("refuses to ask places that there are not, and more than there are", async () => {
  const made = (confirm: object) => monitor.api("POST", "/targets", { name: `Odd ${Math.random()}`, url: site, confirm });
  await expect(made({ from: ["nowhere"] })).rejects.toThrow('there is no probe \\"nowhere\\"; there are: near, far');
  await expect(made({ from: ["near"], agree: 3 })).rejects.toThrow("must be at most 2");
  await expect(made({ agree: 4 })).rejects.toThrow("must be at most 3");
  await expect(made({ from: "near" })).rejects.toThrow("must be all, or a list");
  const seen = (more: object) => monitor.api("POST", "/targets", { name: `Odd ${Math.random()}`, url: site, ...more });
  await expect(seen({ from: ["near", "nowhere"] })).rejects.toThrow('there is no probe \\"nowhere\\"; there are: near, far');
  await expect(seen({ from: [] })).rejects.toThrow("must name at least one");
  await expect(seen({ fromEvery: 5 })).rejects.toThrow("must be left out where from names no places");
  await expect(seen({ from: ["near"], type: "heartbeat", url: undefined })).rejects.toThrow("no other place can check it");
});

it("a probe that lies convinces nobody of a target that is up here, and asks for more where it is to be down", async () => {
  const id = await watched({ confirm: { agree: 3 } });
  says = { far: 503 };
  await monitor.round(mark());
  expect([await statusOf(id), calls]).toEqual(["up", []]);
  says = { far: 503, "server-tracker": 503 };
  await monitor.round(mark());
  expect([await statusOf(id), await reasonOf(id)]).toEqual(["degraded", "down from home and far (503 Service Unavailable), up from near"]);
  await monitor.api("DELETE", `/targets/${id}`);
});
