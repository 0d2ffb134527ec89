import { describe, expect, it } from "vitest";
import { checkTypeOf, labelOf } from "../../shared/check/check-config.ts";
import type { HeartbeatSeen } from "../../shared/check/check-type.ts";
import { type CheckTypeName, checkTypes } from "../../shared/check/index.ts";
import { runCheck } from "../../shared/check/run-check.ts";
import { configOf, testEngine } from "../support/checks.ts";

/** What each check type must bring to be tested as all are. */
export interface CheckTypeFixture {
  readonly type: CheckTypeName;
  /** Fields of targets that are up, down and never answer, made when asked, so that servers run in the test. */
  readonly up: () => Promise<Given>;
  readonly down: () => Promise<Given>;
  /** False on a machine that lacks what a check of it needs. Default true. */
  readonly isAble?: boolean;
  /** Absent where there is nothing to wait for. */
  readonly hanging?: () => Promise<Given>;
  /** A target behind an address that is never allowed. Absent where nothing is dialled. */
  readonly forbidden?: Record<string, unknown>;
  /** Fields that must be refused, each with the field named. */
  readonly invalid: readonly (readonly [field: string, fields: Record<string, unknown>])[];
}

export interface Given {
  readonly fields: Record<string, unknown>;
  readonly heartbeat?: HeartbeatSeen;
}

export function checkTypeContract({ type, up, isAble = true, down, hanging, forbidden, invalid }: CheckTypeFixture): void {
  const run = async ({ fields, heartbeat = { awaitedSince: Date.now() } }: Given, overrides: Record<string, unknown> = {}) =>
    runCheck({ config: configOf({ type, retries: 0, ...fields, ...overrides }), heartbeat }, testEngine());

  describe(`${type}: what every check type does`, () => {
    it("is in the list, and has a label", async () => {
      expect(checkTypes.map((checkType) => checkType.type)).toContain(type);
      const config = configOf({ type, ...(await up()).fields });
      expect(checkTypeOf(config).type).toBe(type);
      expect(labelOf(config)).not.toBe("");
    });

    it.runIf(isAble)("is up when the target is", async () => {
      expect(await run(await up())).toMatchObject({ status: "up", attempts: 1 });
    });

    it("is down with a class and a text when the target is, as a value and not by throwing", async () => {
      const result = await run(await down());
      expect(result).toMatchObject({ status: "down", error: { class: expect.any(String), text: expect.stringMatching(/\w{3}/) } });
    });

    it.runIf(hanging)("ends at its timeout when nothing answers, and says what it waited for", async () => {
      // Without a deadline it would wait for ever: the server never answers.
      const result = await run(await hanging!(), { timeoutMs: 400 });
      expect(result).toMatchObject({
        // Of what asks somebody else than its target, that says nothing of it.
        status: checkTypeOf({ type }).wayIs ?? "down",
        error: { class: "timeout", text: expect.stringMatching(/^timeout after 0.4 s, waiting for /) },
      });
    });

    it.runIf(forbidden)("never dials a forbidden address", async () => {
      expect(await run({ fields: forbidden! })).toMatchObject({ status: "down", error: { class: "forbidden" } });
    });

    it.each(invalid)("refuses a wrong %s by name", (field, fields) => {
      expect(() => configOf({ type, ...fields })).toThrow(
        expect.objectContaining({ issues: [expect.objectContaining({ path: expect.arrayContaining([field]) })] }),
      );
    });

    it("refuses fields it does not know", async () => {
      const { fields } = await up();
      expect(() => configOf({ type, ...fields, surprise: 1 })).toThrow(/surprise/);
    });
  });
}
