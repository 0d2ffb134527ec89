import { readdirSync, readFileSync } from "node:fs";
import { type AttributeValue, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { createDynamoTokenStore } from "../../shared/access/dynamo-token-store.ts";
import { createDynamoChannelHealth } from "../../shared/alert/dynamo-channel-health.ts";
import { checkTypeOf, labelOf } from "../../shared/check/check-config.ts";
import { createDynamoSpool } from "../../shared/log/dynamo-spool.ts";
import { createAddressGuard } from "../../shared/net/address-guard.ts";
import { createDynamoLastRound } from "../../shared/round/dynamo-last-round.ts";
import { nextStatus } from "../../shared/status/next-status.ts";
import { changeTarget } from "../../shared/targets/change-target.ts";
import { createDynamoTargetStore } from "../../shared/targets/dynamo-target-store.ts";
import { createFieldCipher } from "../../shared/targets/field-cipher.ts";
import { mapSecrets } from "../../shared/targets/secret-fields.ts";
import { configShapes, type TargetConfig } from "../../shared/targets/target.ts";
import { systemClock } from "../../shared/time/clock.ts";
import { type StateEngine, startState, TABLE_NAME } from "../support/state-engine.ts";

/** The check types that each release had: its items hold one of each. */
const TYPES_OF: Readonly<Record<string, readonly string[]>> = { "0.1.0": ["http", "tcp", "dns", "tls", "heartbeat"] };

/*
 * Items as each release wrote them, in DynamoDB's own JSON: a folder a release, a file a partition. A stored thing
 * outlives the code that wrote it: each must be read, with today's defaults, by today's code.
 */
const STORED = "test/stored";
const FIELD_KEY = "test-field-key-0123456789-abcdefgh";

type Item = Record<string, AttributeValue>;

function itemsOf(release: string): Item[] {
  return readdirSync(`${STORED}/${release}`).flatMap((file) => {
    const items = JSON.parse(readFileSync(`${STORED}/${release}/${file}`, "utf8")) as Item[];
    // Bytes are base64 there.
    for (const item of items) {
      const packed = item["batch"]?.B as unknown;
      if (typeof packed === "string") item["batch"] = { B: Buffer.from(packed, "base64") };
    }
    return items;
  });
}

describe.each(readdirSync(STORED))("what release %s stored", (release) => {
  let state: StateEngine;
  const problems: { target: string; reason: string }[] = [];
  const store = () => createDynamoTargetStore(state.client, TABLE_NAME, systemClock, (problem) => problems.push(problem));

  async function put(item: Item): Promise<void> {
    const raw = new DynamoDBClient({ endpoint: state.url });
    await raw.send(new PutItemCommand({ TableName: TABLE_NAME, Item: item }));
    raw.destroy();
  }

  beforeAll(async () => {
    state = await startState();
    for (const item of itemsOf(release)) await put(item);
    return () => state.close();
  });

  it("is read whole: every target, with a value wherever the type says that there is one", async () => {
    const targets = await store().list({ limit: 100 });
    expect(problems).toEqual([]);
    expect(targets).toHaveLength(itemsOf(release).filter(({ pk }) => pk?.S === "target").length);
    for (const { config } of targets) {
      const withDefault = Object.entries(configShapes[config.type]).filter(
        ([, schema]) => (schema as z.ZodType).safeParse(undefined).data !== undefined,
      );
      expect(Object.keys(config)).toEqual(expect.arrayContaining(["timeoutMs", "intervalSeconds", ...withDefault.map(([name]) => name)]));
      expect(labelOf(config)).not.toBe("");
      expect(checkTypeOf(config).type).toBe(config.type);
    }
    expect(new Set(targets.map(({ config }) => config.type))).toEqual(new Set(TYPES_OF[release]));
  });

  it("decides on: a target goes down by today's rule and what it owes is still owed", async () => {
    for (const target of await store().list({ limit: 100 })) {
      const { failureThreshold, failureWindow, successThreshold } = target.config;
      const policy = { failureThreshold, failureWindow: failureWindow ?? failureThreshold, successThreshold };
      let { state: current } = target;
      for (let index = 1; index <= 20; index++) {
        current = nextStatus(current, { round: target.state.round + 30 * index, status: "down" }, policy).state;
      }
      expect([target.config.name, current.status]).toEqual([target.config.name, target.state.status === "paused" ? "paused" : "down"]);
    }
    const owing = (await store().list({ limit: 100 })).flatMap(({ owed }) => owed);
    expect(owing.length).toBeGreaterThan(3);
    expect(owing.flatMap(({ deliveries }) => Object.values(deliveries)).some(({ outcome }) => outcome === "waiting")).toBe(true);
  });

  it("holds tokens, channel health, the last round and batches that wait", async () => {
    const tokens = await createDynamoTokenStore(state.client, TABLE_NAME, systemClock).list();
    expect(tokens.map(({ name, role }) => [name, role]).sort()).toEqual([
      ["for ever", "viewer"],
      ["until 2100", "admin"],
    ]);
    expect(await createDynamoChannelHealth(state.client, TABLE_NAME, systemClock).unhealthy()).toMatchObject([{ channel: "discord" }]);
    expect(await createDynamoLastRound(state.client, TABLE_NAME).get()).toMatchObject({ planned: expect.any(Number) });
    const waiting = await createDynamoSpool(state.client, TABLE_NAME).oldest(100);
    expect(waiting.length).toBeGreaterThan(2);
    for (const spooled of waiting) expect(spooled).toHaveProperty("batch");
  });

  it("keeps the owner's secrets", async () => {
    const full = (await store().list({ limit: 100 })).find(({ config }) => config.name === "Full");
    const config = mapSecrets(full?.config as TargetConfig, createFieldCipher(FIELD_KEY).decrypt);
    expect(config).toMatchObject({ headers: { authorization: "Bearer secret-of-full" }, body: "{}" });
  });

  describe("when a later release wrote", () => {
    const base = () => itemsOf(release).find(({ config }) => config?.S?.includes('"name":"Full"')) as Item;
    const withConfig = (id: string, change: (config: Record<string, unknown>) => void): Item => {
      const config = JSON.parse(base()["config"]?.S ?? "") as Record<string, unknown>;
      // Taken by 0.1.0, though it could never hold on http.
      config["assertions"] = (config["assertions"] as { kind: string }[]).filter(({ kind }) => kind !== "certificate");
      change(config);
      return { ...base(), sk: { S: id }, config: { S: JSON.stringify({ ...config, name: id }) } };
    };

    it("a field that we do not know, keeps it, through a change by us too", async () => {
      await put(withConfig("later-field", (config) => Object.assign(config, { slo: { objectivePercent: 99.9 } })));
      const deps = {
        targets: store(),
        formerKeys: { claim: async () => undefined, release: async () => undefined },
        guard: createAddressGuard(["127.0.0.0/8"]),
        cipher: createFieldCipher(FIELD_KEY),
        channelIds: async () => ["discord"],
        roundSeconds: 30,
        clock: systemClock,
        log: { write: async () => undefined },
        spool: createDynamoSpool(state.client, TABLE_NAME),
        logger: { warn: () => undefined },
      };
      const { after } = await changeTarget(deps, "later-field", { tags: ["changed"] }, undefined);
      expect(after.config).toMatchObject({ tags: ["changed"], slo: { objectivePercent: 99.9 } });
      expect((await store().get("later-field"))?.config).toMatchObject({ slo: { objectivePercent: 99.9 } });
    });

    it("or this one, without a field that has a default now, fills it in, inside of assertions too", async () => {
      await put(
        withConfig("older", (config) => {
          for (const name of ["failureThreshold", "successThreshold", "retries", "timeoutMs", "verifyTls", "expectedStatuses"])
            delete config[name];
          config["assertions"] = [{ kind: "bodyContains", text: "ok" }];
        }),
      );
      expect((await store().get("older"))?.config).toMatchObject({
        failureThreshold: 1,
        successThreshold: 1,
        retries: 1,
        timeoutMs: 10_000,
        verifyTls: true,
        expectedStatuses: ["200-299"],
        assertions: [{ kind: "bodyContains", text: "ok", otherwise: "down" }],
      });
    });

    it("what an older rule took, goes on with it", async () => {
      await put(withConfig("strict", (config) => Object.assign(config, { tags: ["x".repeat(80)], headers: { "x-a": "y".repeat(9_000) } })));
      expect((await store().get("strict"))?.config).toMatchObject({ tags: ["x".repeat(80)], failureThreshold: 1 });
    });

    it.each([
      ["a check type", (config: Record<string, unknown>) => Object.assign(config, { type: "quantum" }), /no check type "quantum"/],
      [
        "a kind of assertion",
        (config: Record<string, unknown>) => Object.assign(config, { assertions: [{ kind: "smell" }] }),
        /assertions\.0/,
      ],
      [
        "another form of a field",
        (config: Record<string, unknown>) => Object.assign(config, { expectedStatuses: { any: true } }),
        /expectedStatuses/,
      ],
    ])("%s that we do not know, tells it and loses no other target", async (what, change, reason) => {
      const id = `unreadable ${what}`;
      await put(withConfig(id, change));
      problems.length = 0;
      const before = (await store().list({ limit: 100 })).length;
      expect(problems.find(({ target }) => target === id)?.reason).toMatch(reason);
      expect(before).toBeGreaterThanOrEqual(itemsOf(release).filter(({ pk }) => pk?.S === "target").length);
      expect(await store().range(id, id)).toEqual([]);
      // Planned, so that coverage shows what is not checked.
      const planned: string[] = [];
      for await (const key of store().keys()) planned.push(key.id);
      expect(planned).toContain(id);
      await expect(store().get(id)).rejects.toThrow(/stored by another release/);
    });

    it("a kind of alert that we do not know, tells it and goes on with the rest", async () => {
      const item = withConfig("later-alert", () => undefined);
      const alert = {
        M: { at: { N: "1" }, kind: { S: "forecast" }, from: { S: "up" }, to: { S: "up" }, since: { N: "1" }, previousSince: { N: "1" } },
      };
      await put({ ...item, owed: { M: { ...item["owed"]?.M, "1": alert } } });
      problems.length = 0;
      const [target] = await store().range("later-alert", "later-alert");
      expect(target?.config.name).toBe("later-alert");
      expect(problems).toMatchObject([{ target: "later-alert", reason: expect.stringMatching(/owed alert 1/) }]);
    });

    it("a batch for a table that we do not know, gives it as one to set aside", async () => {
      const spool = createDynamoSpool(state.client, TABLE_NAME);
      await spool.put("!later", { kind: "prophecy" as "check", rows: [{ at: "2026-01-01T00:00:00Z" }] });
      const [first] = await spool.oldest(1);
      expect(first).toMatchObject({ key: "!later", problem: expect.stringMatching(/another release/) });
      await spool.reject("!later", "unknown");
      expect((await spool.oldest(100)).map(({ key }) => key)).not.toContain("!later");
    });

    it("a token with a role that we do not know, grants nothing", async () => {
      await put({
        pk: { S: "token" },
        sk: { S: "c".repeat(64) },
        name: { S: "later" },
        role: { S: "owner" },
        createdAt: { S: "2027-01-01T00:00:00Z" },
      });
      const tokens = createDynamoTokenStore(state.client, TABLE_NAME, systemClock);
      expect(await tokens.find("c".repeat(64))).toBeUndefined();
      expect((await tokens.list()).map(({ name }) => name)).not.toContain("later");
    });
  });
});
