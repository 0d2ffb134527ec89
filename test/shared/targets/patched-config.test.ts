import { describe, expect, it } from "vitest";
import { createAddressGuard } from "../../../shared/net/address-guard.ts";
import { patchedConfig } from "../../../shared/targets/change-target.ts";
import { createFieldCipher } from "../../../shared/targets/field-cipher.ts";
import type { TargetConfig } from "../../../shared/targets/target.ts";
import { configOf } from "../../support/checks.ts";

const deps = {
  roundSeconds: 30,
  cipher: createFieldCipher("0123456789abcdef0123456789abcdef"),
  guard: createAddressGuard(["127.0.0.0/8"]),
  channelIds: async () => [],
};
const patch = (stored: TargetConfig, change: object) => patchedConfig(deps, stored, change);
/** As a release stored it that knew fewer rules. */
const old = (fields: object): TargetConfig => ({ ...configOf({ name: "Old", url: "http://127.0.0.1/" }), ...fields }) as TargetConfig; // what it would refuse

describe("a target that rules refuse which came later", () => {
  const lengths = [{ kind: "jsonPath", path: "$.a.length()", operator: "eq", value: -1, otherwise: "down" }];
  it.each<[string, object, object]>([
    ["across fields", { expectedStatuses: [301] }, { expectedStatuses: [302] }],
    ["of one field", { assertions: lengths }, { assertions: [{ ...lengths[0], value: -2 }] }],
    ["of the network", { url: "http://10.0.0.1/" }, { url: "http://10.0.0.2/" }],
  ])("%s can be changed otherwise, and not to the same again", async (_, fields, worse) => {
    const stored = old(fields);
    expect(await patch(stored, { tags: ["a"], paused: true })).toEqual({ ...stored, tags: ["a"], paused: true });
    await expect(patch(stored, worse)).rejects.toThrow();
    await expect(patch(stored, { intervalSeconds: 31 })).rejects.toThrow(/intervalSeconds/);
  });

  it("has the defaults that any other has, and grows no further than it may", async () => {
    const stored = old({ expectedStatuses: [301], intervalSeconds: 90 });
    expect(await patch(stored, { intervalSeconds: null })).toMatchObject({ intervalSeconds: 30, expectedStatuses: [301] });
    expect(await patch(stored, { type: null, tags: ["a"] })).toMatchObject({ type: "http", tags: ["a"] });
    // Encrypted, what is stored is longer than what was judged.
    const long = await patchedConfig(deps, old({ method: "POST" }), { body: "€".repeat(45_000) });
    await expect(patch(long, { body: "€".repeat(65_536), tags: ["a"] })).rejects.toThrow(/bytes/);
    expect(await patch(long, { tags: ["a"] })).toMatchObject({ tags: ["a"] });
    const dns = { ...configOf({ type: "dns", name: "D", host: "a.example" }), host: "192.0.2.1" } as TargetConfig; // as a release before took it
    expect(await patch(dns, { tags: ["a"] })).toMatchObject({ tags: ["a"] });
    await expect(patch(dns, { expectedRecords: ["not an address"] })).rejects.toThrow(/IPv4/);
  });

  it("is refused anew what it makes wrong itself", async () => {
    const stored = old({ expectedStatuses: [301], followRedirects: false });
    await expect(patch(stored, { followRedirects: true })).rejects.toThrow(/followRedirects to false/);
  });
});
