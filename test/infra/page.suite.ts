import { runInNewContext } from "node:vm";
import { beforeAll, describe, expect, it } from "vitest";
import { settingsSchema } from "../../infra/settings.ts";
import { type Synthesized, synthesized } from "./deployment.ts";

let deployment: Synthesized;
beforeAll(async () => {
  deployment = await synthesized();
});

const propertiesOf = (type: string) => deployment.ofType(type).map(([, { Properties }]) => Properties);

/** What a function at the edge makes of an address. */
function edge(name: string, uri: string): object {
  const found = deployment.ofType("AWS::CloudFront::Function").find(([id]) => id.includes(name));
  return runInNewContext(`${String(found?.[1].Properties["FunctionCode"])}; handler(${JSON.stringify({ request: { uri } })})`);
}

describe("the page in AWS", () => {
  it("stands in a bucket that only CloudFront reads, by TLS", () => {
    const buckets = propertiesOf("AWS::S3::Bucket");
    expect(buckets).toHaveLength(2);
    for (const bucket of buckets) {
      expect(bucket).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: "Enabled" },
        BucketEncryption: expect.any(Object),
      });
    }
    expect(propertiesOf("AWS::CloudFront::OriginAccessControl")).toHaveLength(2);
    const statements = JSON.stringify(propertiesOf("AWS::S3::BucketPolicy"));
    expect(statements).toContain('"aws:SecureTransport":"false"');
    expect(statements).toContain("cloudfront.amazonaws.com");
    expect(statements).not.toContain('"Principal":"*"');
  });

  it("has its policy, and the API at the same origin, uncached", () => {
    for (const headers of propertiesOf("AWS::CloudFront::ResponseHeadersPolicy")) {
      const csp = JSON.stringify(headers);
      expect(csp).toContain("script-src 'self'");
      expect(csp).not.toContain("unsafe-inline");
      // What other sites may frame says so in both headers.
      expect(csp.includes("frame-ancestors *")).toBe(!csp.includes('"FrameOptions"'));
    }
    const [{ DistributionConfig } = {}] = propertiesOf("AWS::CloudFront::Distribution") as {
      DistributionConfig: { CacheBehaviors: Record<string, unknown>[] };
    }[];
    expect(DistributionConfig?.CacheBehaviors).toEqual([
      // The narrower address first: CloudFront takes the first that fits.
      expect.objectContaining({ PathPattern: "/status/*/embed/*", ViewerProtocolPolicy: "redirect-to-https" }),
      expect.objectContaining({ PathPattern: "/status/*", ViewerProtocolPolicy: "redirect-to-https" }),
      // CloudFront's own ids: caching disabled; all headers of the viewer but Host, which API Gateway would not know.
      ...["/ping/*", "/api/*"].map((PathPattern) =>
        expect.objectContaining({
          PathPattern,
          CachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
          OriginRequestPolicyId: "b689b0a8-53d0-40ab-baf2-68738e2966ac",
          ViewerProtocolPolicy: "https-only",
        }),
      ),
    ]);
  });

  it.each([
    ["/", "/index.html"],
    ["/targets/0b5d0f5c-2a53-4d3c-9d53-1f0b6a1f9c55", "/index.html"],
    ["/incidents", "/index.html"],
    ["/assets/index-abc.js", "/assets/index-abc.js"],
    ["/wp-login.php", "/wp-login.php"],
  ])("shows %s as %s", (uri, shown) => expect(edge("ShowPage", uri)).toMatchObject({ uri: shown }));

  it.each([
    ["/api/overview", "/overview"],
    ["/api/targets/x/checks", "/targets/x/checks"],
    ["/api/push/key", "/api/push/key"],
    ["/api/v1/endpoints/key/external", "/api/v1/endpoints/key/external"],
  ])("asks the API for %s as %s", (uri, asked) => expect(edge("StripApi", uri)).toMatchObject({ uri: asked }));

  it.each([
    ["/status/acme/", "/status/acme/index.html"],
    [
      "/status/acme/incidents/00000000-0000-4000-8000-000000000001.1795746000/",
      "/status/acme/incidents/00000000-0000-4000-8000-000000000001.1795746000/index.html",
    ],
    ["/status/acme/api/v2/summary.json", "/status/acme/api/v2/summary.json"],
    ["/status/acme/feed.rss", "/status/acme/feed.rss"],
  ])("shows %s of a status page as %s", (uri, shown) => expect(edge("ShowStatus", uri)).toMatchObject({ uri: shown }));

  it.each(["/status/acme", "/status/acme/incidents/00000000-0000-4000-8000-000000000001.1795746000"])("sends %s to its folder", (uri) =>
    expect(edge("ShowStatus", uri)).toMatchObject({ statusCode: 301, headers: { location: { value: `${uri}/` } } }),
  );

  it("is what alerts link to, unless an address is set; and is left out where it is not wanted", async () => {
    const linkOf = (made: Synthesized) =>
      made
        .ours("AWS::Lambda::Function")
        .map(([, { Properties }]) => (Properties["Environment"] as { Variables: Record<string, unknown> }).Variables)
        .find((variables) => variables["POWERTOOLS_SERVICE_NAME"] === "deliver-alerts")?.["PUBLIC_URL"];
    expect(JSON.stringify(linkOf(deployment))).toMatch(/PageDistribution.*DomainName/);
    expect(linkOf(await synthesized({ publicUrl: "https://status.example.com" }))).toBe("https://status.example.com");
    const without = await synthesized({ page: "false" });
    expect(without.ofType("AWS::CloudFront::Distribution")).toEqual([]);
    // Nor what nobody would serve, and a take-down could not empty; an emulator's is for whoever tries it.
    expect(without.ofType("AWS::S3::Bucket")).toEqual([]);
    const emulated = await synthesized({ stage: "local", page: "false", dataApiUrl: "http://127.0.0.1:1", protectData: "false" });
    expect(emulated.ofType("AWS::S3::Bucket")).toHaveLength(1);
  });
});

describe("the API's stage", () => {
  it("compresses, records no address in a trace, and has throttles of their own for jobs and for what anyone may read", () => {
    expect(propertiesOf("AWS::ApiGateway::RestApi")).toEqual([expect.objectContaining({ MinimumCompressionSize: 1_024 })]);
    const [stage] = propertiesOf("AWS::ApiGateway::Stage") as { TracingEnabled?: boolean; MethodSettings: Record<string, unknown>[] }[];
    expect(stage?.TracingEnabled).not.toBe(true);
    const settings = new Map(
      stage?.MethodSettings.map((setting) => [`${setting["HttpMethod"]} ${setting["ResourcePath"]}`, setting["ThrottlingRateLimit"]]),
    );
    expect(settings.get("* /*")).toBe(50);
    expect(settings.get("GET /~1docs~1{file}") ?? settings.get("GET /docs/{file}")).toBe(5);
    expect([...settings.keys()].some((name) => name.startsWith("POST ") && name.includes("heartbeat"))).toBe(true);
  });
});

describe("what holds data", () => {
  it("is kept by a delete or a replacement, and goes with a first deploy that failed", () => {
    for (const type of ["AWS::DynamoDB::GlobalTable", "AWS::RDS::DBCluster", "AWS::Cognito::UserPool"]) {
      for (const [id, { DeletionPolicy }] of deployment.ofType(type)) expect([id, DeletionPolicy]).toEqual([id, "RetainExceptOnCreate"]);
    }
  });
});

describe("settings that would fail later", () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ maxTargets: 10_000, shardSize: 10 }, /more than 550 shards.*256 KiB/],
    [{ maxTargets: 100_000 }, /must be at least 18 for 100000 targets every 30 s/],
    [{ maxTargets: 20_000, roundSeconds: 10, checkConcurrency: 10 }, /must be at least 11 for 20000 targets every 10 s/],
    [{ allowedPrivateRanges: "10.0.0.0/8" }, /would open nothing.*VPC/],
    [{ pageDomainName: "status.example.com" }, /pageDomainName go together/],
    [{ pageDomainName: "status.example.com", pageCertificateArn: "arn:aws:acm:eu-central-1:123456789012:certificate/a" }, /us-east-1/],
  ])("%j is refused with the fix", (settings, message) => {
    expect(() => settingsSchema.parse(settings)).toThrow(message);
  });

  it("takes certificates of other partitions", () => {
    const certificateArn = "arn:aws-cn:acm:cn-north-1:123456789012:certificate/a";
    expect(settingsSchema.parse({ domainName: "a.example.cn", certificateArn }).certificateArn).toBe(certificateArn);
  });
});
