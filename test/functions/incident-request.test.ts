import { expect, it } from "vitest";
import { incidentDeps } from "../../functions/api/incident-request.ts";
import type { ApiDeps } from "../../functions/api/route.ts";

/** A clock on which nobody waits. */
const clock = { now: () => 0, sleep: async () => undefined };
const logger = { warn: () => undefined };
const reasonWith = (incident: () => Promise<unknown>, sleeping?: object) =>
  incidentDeps({ clock, logger, sleeping, history: { incident } } as unknown as ApiDeps).reasonOf(1, 2);

it("says why an incident began as the log has it, and waits for no log that hangs, refuses or sleeps", async () => {
  const found = { error: { class: "http-status", text: "500 Internal Server Error" }, httpStatus: 500 };
  const timed = { ...clock, sleep: () => new Promise<void>(() => undefined) };
  const deps = { clock: timed, logger, sleeping: undefined, history: { incident: async () => found } } as unknown as ApiDeps;
  expect(await incidentDeps(deps).reasonOf(1, 2)).toMatchObject({ httpStatus: 500 });
  expect(await reasonWith(() => new Promise(() => undefined))).toEqual({});
  expect(await reasonWith(() => Promise.reject(new Error("away")))).toEqual({});
  expect(await reasonWith(() => Promise.reject(new Error("is not asked")), {})).toEqual({});
});
