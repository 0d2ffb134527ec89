import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createDataApiLogWriter } from "../../../shared/log/data-api-log-writer.ts";
import { createDynamoSpool } from "../../../shared/log/dynamo-spool.ts";
import type { LogWriter } from "../../../shared/log/log-writer.ts";
import { type FinishDeps, finishDeletions } from "../../../shared/targets/deletions.ts";
import { createDynamoDeletions } from "../../../shared/targets/dynamo-deletions.ts";
import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import type { OwedAlert } from "../../../shared/targets/owed-alert.ts";
import { type RemoveTargetDeps, removeTarget } from "../../../shared/targets/remove-target.ts";
import type { Target } from "../../../shared/targets/target.ts";
import type { TargetStore } from "../../../shared/targets/target-store.ts";
import { configOf } from "../../support/checks.ts";
import { type LogEngine, startLog } from "../../support/log-engine.ts";
import { type StateEngine, startState, TABLE_NAME } from "../../support/state-engine.ts";

let state: StateEngine;
let engine: LogEngine;
let now: number;
let names = 0;

beforeAll(async () => {
  [state, engine] = await Promise.all([startState(), startLog()]);
});
afterAll(async () => {
  await Promise.all([state.close(), engine.close()]);
});
beforeEach(() => {
  now = 1_795_400_000_000;
});

const START = 1_795_400_000;

function deps(): RemoveTargetDeps & FinishDeps & { readonly targets: TargetStore } {
  const clock = { now: () => now, sleep: async () => undefined };
  return {
    targets: createDynamoTargetStore(state.client, TABLE_NAME, clock),
    formerKeys: { release: async () => undefined },
    deletions: createDynamoDeletions(state.client, TABLE_NAME),
    log: createDataApiLogWriter(engine.sql),
    spool: createDynamoSpool(state.client, TABLE_NAME),
    logger: { warn: () => undefined },
    clock,
  };
}

/** A target that has been down for a minute, an alert of which waits for its channel. */
async function downTarget({ targets }: Pick<ReturnType<typeof deps>, "targets">): Promise<Target> {
  const { id } = await targets.create(configOf({ name: `Target ${++names}`, url: "http://example.com/" }));
  const error = "discord answered 503";
  const owed: OwedAlert = {
    at: START * 1_000,
    kind: "status",
    from: "up",
    to: "down",
    since: START,
    previousSince: START - 600,
    deliveries: { discord: { outcome: "waiting", attempts: 2, attemptedAt: now, error } },
  };
  return changed(targets, id, owed);
}

async function changed(targets: TargetStore, id: string, owed: OwedAlert): Promise<Target> {
  const read = (await targets.get(id))!;
  const next = { ...read.state, status: owed.to, since: owed.since, round: owed.since };
  expect(await targets.commitState(read, { state: next, owed: [owed], certificateWarnings: {} })).toBe(true);
  now += 60_000;
  return (await targets.get(id))!;
}

/** What the log holds of a target's end. */
async function ended({ seq }: Target) {
  const [row] = await engine.sql.execute(
    `select (select deleted_at is not null from target where seq = :seq) as named_deleted,
            (select count(*)::integer from transition where target = :seq and to_status = 6) as ends,
            (select error from delivery where target = :seq) as delivery,
            (select outcome from delivery where target = :seq) as outcome`,
    { seq },
  );
  return row;
}

const whole = {
  named_deleted: true,
  ends: 1,
  delivery: "the target was deleted before the channel took it: discord answered 503",
  outcome: 3,
};

/** A process that dies at its first write to the log, with the spool gone too. */
const dying = (of: RemoveTargetDeps): RemoveTargetDeps => {
  const die = async () => {
    throw new Error("killed");
  };
  return { ...of, log: { write: die } satisfies LogWriter, spool: { put: die } };
};

it("ends what a target was in, and says of each alert that nobody took why", async () => {
  const target = await downTarget(deps());
  await expect(removeTarget(deps(), target.id, undefined)).resolves.toMatchObject({ id: target.id });
  expect(await ended(target)).toEqual(whole);
});

it("is finished by asking again after a crash, and asking once more says the same", async () => {
  const target = await downTarget(deps());
  await expect(removeTarget(dying(deps()), target.id, undefined)).rejects.toThrow("killed");
  expect(await deps().targets.get(target.id)).toBeUndefined();
  expect(await ended(target)).toMatchObject({ ends: 0 });
  for (const _ of [1, 2]) {
    await expect(removeTarget(deps(), target.id, undefined)).resolves.toBeUndefined();
    expect(await ended(target)).toEqual(whole);
  }
});

it("is finished by the log's maintenance where nobody asks again, and forgotten after a day", async () => {
  const target = await downTarget(deps());
  await expect(removeTarget(dying(deps()), target.id, undefined)).rejects.toThrow("killed");
  await finishDeletions(deps());
  expect(await ended(target)).toMatchObject({ ends: 0 }); // whoever deletes may still be at it
  now += 60_001;
  await finishDeletions(deps());
  expect(await ended(target)).toEqual(whole);
  now += 86_400_001;
  await finishDeletions(deps());
  await expect(removeTarget(deps(), target.id, undefined)).rejects.toMatchObject({ kind: "not-found" });
});

it("that was begun and not done leaves a target that is there alone", async () => {
  const target = await downTarget(deps());
  const crashing = { ...deps(), targets: { ...deps().targets, remove: () => Promise.reject(new Error("killed")) } };
  await expect(removeTarget(crashing, target.id, undefined)).rejects.toThrow("killed");
  now += 60_001;
  await finishDeletions(deps());
  expect(await deps().deletions.get(target.id)).toBeUndefined();
  expect(await deps().targets.get(target.id)).toMatchObject({ id: target.id });
  expect(await ended(target)).toMatchObject({ ends: 0 });
});

it("asked for by many at once ends the target once, and tells each that it is gone", async () => {
  for (let again = 0; again < 5; again++) {
    const target = await downTarget(deps());
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => removeTarget(deps(), target.id, undefined)));
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    now += 61_000;
    await finishDeletions(deps());
    expect(await ended(target)).toEqual(whole);
  }
});

it("leaves a deletion of another release where it is, and goes on with the others", async () => {
  const target = await downTarget(deps());
  await expect(removeTarget(dying(deps()), target.id, undefined)).rejects.toThrow("killed");
  const item = {
    pk: "deletion",
    sk: "00000000-0000-4000-8000-000000000000",
    startedAt: 1,
    stateVersion: 1,
    rows: '[{"kind":"later","rows":[]}]',
  };
  await state.client.send(new PutCommand({ TableName: TABLE_NAME, Item: item }));
  now += 61_000;
  await finishDeletions(deps());
  expect(await ended(target)).toEqual(whole);
});

it("takes a change of state into account that comes in its middle", async () => {
  const target = await downTarget(deps());
  const { targets } = deps();
  let raced = false;
  const racing = {
    ...deps(),
    targets: {
      ...targets,
      remove: async (read: Target) => {
        if (!raced) {
          raced = true;
          const recovered = {
            at: now,
            kind: "status",
            from: "down",
            to: "up",
            since: START + 60,
            previousSince: START,
            deliveries: {},
          } as const;
          await changed(targets, target.id, recovered);
        }
        await targets.remove(read);
      },
    },
  };
  await removeTarget(racing, target.id, undefined);
  const rows = await engine.sql.execute("select from_status, to_status from transition where target = :seq order by at", {
    seq: target.seq,
  });
  expect(rows).toHaveLength(3);
  // From up: the recovery is not overlooked.
  expect(rows.at(-1)).toMatchObject({ from_status: (rows[1] as { to_status: number }).to_status });
});
