import { expect, it } from "vitest";
import { deployedFunctions, synthesized } from "./deployment.ts";

it("is not there unless it is asked for", async () => {
  const deployment = await synthesized();
  expect(deployment.ofType("AWS::Grafana::Workspace")).toEqual([]);
  expect(deployedFunctions(deployment).find(({ name }) => name === "migrate")?.environment).not.toHaveProperty("GRAFANA_READER_SECRET_ARN");
});

it("stands in the log's subnets, reaches the log and nothing else, and reads by a role of its own", async () => {
  const deployment = await synthesized({ grafana: "true" });
  const [, workspace] = deployment.ofType("AWS::Grafana::Workspace")[0] ?? [];
  expect(workspace?.Properties).toMatchObject({ AuthenticationProviders: ["AWS_SSO"], VpcConfiguration: { SubnetIds: expect.any(Array) } });
  const [, group] = deployment.ofType("AWS::EC2::SecurityGroup").find(([id]) => id.startsWith("SecurityGroup")) ?? [];
  expect(JSON.stringify(group?.Properties["SecurityGroupEgress"])).toContain("255.255.255.255/32");
  for (const type of ["AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"]) {
    expect(deployment.ofType(type).map(([, { Properties }]) => [Properties["FromPort"], Properties["ToPort"]])).toEqual([[5432, 5432]]);
  }
  const migrate = deployedFunctions(deployment).find(({ name }) => name === "migrate");
  expect(migrate?.environment).toHaveProperty("GRAFANA_READER_SECRET_ARN");
  expect(JSON.stringify(migrate?.statements)).toContain("GrafanaReader");
});

it("needs Aurora, and says so", async () => {
  await expect(synthesized({ grafana: "true", dataApiUrl: "http://127.0.0.1:1" })).rejects.toThrow(/needs Aurora/);
});
