import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { unusedPort } from "../../local/stand-ins/listen.ts";
import { createSight } from "../../shared/round/sight.ts";
import { withOpinions } from "../../shared/round/weigh-opinions.ts";
import { configOf } from "../support/checks.ts";
import { resultOf, targetOf } from "../support/log-rows.ts";
import { type Monitor, marksFromNow, startMonitor, titles } from "../support/monitor.ts";

let monitor: Monitor;
let controlPort: number;
const mark = marksFromNow();
/** Networks of their own, all of them this machine. */
const HOSTS = Array.from({ length: 6 }, (_, index) => `127.${index + 1}.${index + 1}.1`);
let sites: Server[] = [];
let ids: string[] = [];

beforeAll(async () => {
  controlPort = await unusedPort();
  monitor = await startMonitor({ CONTROL_TARGETS: `127.0.0.1:${controlPort}` });
});
afterAll(async () => {
  for (const site of sites) site.close();
  await monitor.close();
});

const serve = (host: string, port = 0) =>
  new Promise<Server>((resolve) => {
    const server = createServer((_, response) => response.end("ok"));
    server.listen(port, host, () => resolve(server));
  });
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const cut = (servers: readonly Server[]) =>
  Promise.all(
    servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    }),
  );
const told = () => titles(monitor.discord.splice(0)).sort();
const statuses = async () => ((await monitor.api("GET", "/targets")) as { items: { status: string }[] }).items.map(({ status }) => status);

async function watch(hosts: readonly string[]): Promise<number[]> {
  sites = await Promise.all(hosts.map((host) => serve(host)));
  const ports = sites.map(portOf);
  const targets = (await Promise.all(
    hosts.map((host, index) =>
      monitor.api("POST", "/targets", { name: `Site ${index}`, url: `http://${host}:${ports[index]}/`, retries: 0 }),
    ),
  )) as { id: string }[];
  ids = targets.map(({ id }) => id);
  await monitor.round(mark());
  return ports;
}

beforeEach(async () => {
  for (const id of ids) await monitor.api("DELETE", `/targets/${id}`);
  ids = [];
  told();
});

describe("a cable that is pulled", () => {
  it("alarms nobody: nothing changes, the time is unknown, and sight comes back by itself", async () => {
    const ports = await watch(HOSTS);
    await cut(sites);
    const blind = await monitor.round(mark());
    expect(blind).toMatchObject({ planned: 6, checked: 0, blind: 6, transitions: 0 });
    expect([told(), await statuses()]).toEqual([[], HOSTS.map(() => "up")]);
    const { items } = (await monitor.api("GET", `/targets/${ids[0]}/checks`)) as { items: { status: string }[] };
    expect(items.map(({ status }) => status)).toEqual(["up"]);
    // As long as it lasts nobody is told that it is over.
    expect(await monitor.round(mark())).toMatchObject({ checked: 0, blind: 6 });
    expect(told()).toEqual([]);
    sites = await Promise.all(HOSTS.map((host, index) => serve(host, ports[index])));
    expect(await monitor.api("GET", "/health")).toMatchObject({ status: "degraded", lastRound: { blindSince: expect.any(String) } });
    expect(await monitor.round(mark())).toMatchObject({ checked: 6, blind: 0, up: 6 });
    // The owner hears of it once, when there is a way again.
    expect(JSON.stringify(monitor.discord)).toContain("For 1 min nearly every check failed to connect");
    expect(told()).toEqual(["👁️ Server Tracker sees again"]);
    expect(await monitor.api("GET", "/health")).toMatchObject({ lastRound: { blindSince: null } });
    await monitor.round(mark());
    expect(told()).toEqual([]);
  });

  it("is told of by whom did not take it at once, a round later, and never twice", async () => {
    const ports = await watch(HOSTS);
    await cut(sites);
    await monitor.round(mark());
    sites = await Promise.all(HOSTS.map((host, index) => serve(host, ports[index])));
    monitor.discordAnswers(() => ({ status: 502 }));
    await monitor.round(mark());
    expect(told()).toEqual([]);
    monitor.discordAnswers(() => undefined);
    await monitor.round(mark());
    expect(told()).toEqual(["👁️ Server Tracker sees again"]);
    await monitor.round(mark());
    expect(told()).toEqual([]);
  });

  it("is no excuse for an outage: with two of six seen, the others are told", async () => {
    await watch(HOSTS);
    await cut(sites.slice(0, 4));
    expect(await monitor.round(mark())).toMatchObject({ checked: 6, blind: 0, down: 4 });
    expect(told()).toHaveLength(4);
  });

  it("is told from an outage of everything by what stands for the outside", async () => {
    await watch(HOSTS);
    const control = await serve("127.0.0.1", controlPort);
    await cut(sites);
    expect(await monitor.round(mark())).toMatchObject({ checked: 6, blind: 0, down: 6 });
    expect(told()).toHaveLength(6);
    await cut([control]);
  });

  it("is not what an outage of one network is", async () => {
    await watch(Array.from({ length: 6 }, (_, index) => `127.9.9.${index + 1}`));
    await cut(sites);
    expect(await monitor.round(mark())).toMatchObject({ checked: 6, blind: 0, down: 6 });
    expect(told()).toHaveLength(6);
  });
});

describe("whether a shard sees", () => {
  const up = { status: "up", since: 0, round: 0, recent: "u", runSince: 0 } as const;
  const targets = (count: number, more: Record<string, unknown> = {}) =>
    Array.from({ length: count }, (_, index) =>
      targetOf(index + 1, { state: up, config: configOf({ name: `T${index}`, url: `http://host${index}.test/`, ...more }) }),
    );
  const refused = resultOf({ status: "down", error: { class: "connect", text: "connection refused" } });
  const { httpStatus: _, ...noAnswer } = refused;
  const unseen = (index: number) => ({ ...noAnswer, address: `10.${index}.0.1` });

  it("is not asked of fewer than five hosts", () => {
    const few = targets(4);
    const sight = createSight(few);
    expect(few.map((target, index) => sight.keeps(target, unseen(index)))).toEqual([false, false, false, false]);
    expect(sight.looksBlind()).toBe(false);
  });

  it("is told by what answers, be it an error of its own", () => {
    const many = targets(10);
    const sight = createSight(many);
    const fails = resultOf({ status: "down", httpStatus: 500, error: { class: "status", text: "500 Internal Server Error" } });
    expect(many.slice(0, 8).map((target, index) => sight.keeps(target, unseen(index)))).toEqual(Array(8).fill(true));
    for (const target of many.slice(8)) sight.keeps(target, fails);
    expect([sight.sees(), sight.looksBlind()]).toEqual([true, false]);
  });

  it("is told by what is never answered as by what is refused: a cut cable drops what is sent", () => {
    for (const error of [
      { class: "timeout" as const, text: "timed out" },
      { class: "dns" as const, text: "no answer of any name server" },
    ]) {
      const sight = createSight(targets(6));
      targets(6).map((target, index) => sight.keeps(target, { ...unseen(index), error }));
      expect([error.class, sight.looksBlind()]).toEqual([error.class, true]);
    }
  });

  it("is told by what others see: down there as well is no trouble of ours, up there may be", () => {
    const many = targets(6);
    const seen = (index: number, status: "up" | "down") =>
      withOpinions("home", unseen(index), [{ from: "far", result: resultOf({ status }) }], 2);
    const theirs = createSight(many);
    expect(many.map((target, index) => theirs.keeps(target, seen(index, "down")))).toEqual(Array(6).fill(false));
    expect(theirs.looksBlind()).toBe(false);
    const ours = createSight(many);
    expect(many.map((target, index) => ours.keeps(target, seen(index, "up")))).toEqual(Array(6).fill(true));
    expect(ours.looksBlind()).toBe(true);
  });

  it("is not told by checks whose failing is wanted", () => {
    const closed = targets(6, { expect: "down" });
    const sight = createSight(closed);
    expect(sight.keeps(closed[0] as (typeof closed)[0], unseen(1))).toBe(false);
  });
});
