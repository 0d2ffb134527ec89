import { expect, it } from "vitest";
import { deployedFunctions, type Synthesized, synthesized } from "./deployment.ts";

const scalingOf = (deployment: Synthesized) =>
  deployment.ofType("AWS::RDS::DBCluster")[0]?.[1].Properties["ServerlessV2ScalingConfiguration"];
const rateOf = (deployment: Synthesized) =>
  deployment
    .ofType("AWS::Events::Rule")
    .map(([, { Properties }]) => String(Properties["ScheduleExpression"]))
    .filter((schedule) => schedule.startsWith("rate"));

it("lets Aurora sleep where its owner says so, and gives it an hour", async () => {
  const asleep = await synthesized({ economy: "true", maxTargets: "1000", probeRegions: "us-east-1" });
  expect(scalingOf(asleep)).toEqual({ MinCapacity: 0, MaxCapacity: 4, SecondsUntilAutoPause: 300 });
  expect(rateOf(asleep)).toEqual(["rate(1 hour)"]);
  const told = new Map(deployedFunctions(asleep).map(({ name, environment }) => [name, environment]));
  for (const name of ["api", "check-shard", "conclude-round", "deliver-alerts", "maintain-log", "publish-pages"]) {
    expect([name, told.get(name)?.["ECONOMY"]]).toEqual([name, "true"]);
  }
  expect(JSON.stringify(told.get("api")?.["MAINTAIN_FUNCTION"])).toContain("MaintainLogFunction");
  // What is kept for an hour goes by itself.
  expect(asleep.ofType("AWS::DynamoDB::GlobalTable")[0]?.[1].Properties["TimeToLiveSpecification"]).toEqual({
    AttributeName: "forgetAt",
    Enabled: true,
  });
});

it("keeps Aurora awake for many, and lets it sleep by itself for a few", async () => {
  const awake = await synthesized();
  expect([scalingOf(awake), rateOf(awake)]).toEqual([{ MinCapacity: 0.5, MaxCapacity: 4 }, ["rate(5 minutes)"]]);
  expect(JSON.stringify(awake.ofType("AWS::IAM::Policy"))).not.toContain("log-rest");
  expect(scalingOf(await synthesized({ maxTargets: "100" }))).toMatchObject({ MinCapacity: 0 });
  expect(scalingOf(await synthesized({ maxTargets: "100", economy: "false" }))).toMatchObject({ MinCapacity: 0.5 });
  await expect(synthesized({ economy: "true" })).rejects.toThrow(/is for at most 2000 targets, and maxTargets allows more/);
  await expect(synthesized({ economy: "true", maxTargets: "500", dataApiUrl: "http://10.0.0.1:9000" })).rejects.toThrow(
    /needs Aurora, which sleeps/,
  );
});
