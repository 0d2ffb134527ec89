import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface Service {
  readonly image?: string;
  readonly command?: string[];
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly depends_on?: Record<string, { condition: string }>;
  readonly profiles?: string[];
  readonly environment?: Record<string, string>;
}

const compose = parse(readFileSync("local/stand-ins/compose.yaml", "utf8"), { merge: true }) as {
  services: Record<string, Service>;
  volumes: object;
};
const services = Object.entries(compose.services);
const text = readFileSync("local/stand-ins/compose.yaml", "utf8");

describe("every service of compose.yaml", () => {
  it.each(services)("%s has a pinned image, answers for its health or ends, and is reached from this machine alone", (_, service) => {
    expect(service.image?.replace(/^\$\{\w+:-(.+)\}$/, "$1")).toMatch(/:(\d+\.\d+|local$)/);
    expect(service.healthcheck !== undefined || service.restart === "no").toBe(true);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it.each(services)("%s runs files that are there, and waits for services that are in its profiles", (_, service) => {
    for (const part of service.command ?? []) if (part.startsWith("./") || part.startsWith("local/")) expect(existsSync(part)).toBe(true);
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":");
      if (source.startsWith("./")) expect(existsSync(source)).toBe(true);
      else if (!source.startsWith("/")) expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const name of Object.keys(service.depends_on ?? {})) {
      const other = compose.services[name];
      expect(other).toBeDefined();
      for (const profile of service.profiles ?? []) expect(other?.profiles ?? [profile]).toContain(profile);
    }
  });
});

it("makes no address of a password, in which some characters mean something else", () => {
  expect(text).not.toMatch(/:\/\/[^\s]*PASSWORD/);
  for (const name of ["server-tracker", "bridge"]) {
    expect(compose.services[name]?.environment).toMatchObject({
      PGUSER: expect.stringContaining("POSTGRES_USER"),
      PGPASSWORD: expect.stringContaining("POSTGRES_PASSWORD"),
    });
  }
});

it("has the network's name from the project, however that is called", () => {
  expect(parse(readFileSync("compose.yaml", "utf8"))).toMatchObject({ name: "server-tracker" });
  expect(compose.services["localstack"]?.environment?.["LAMBDA_DOCKER_NETWORK"]).toMatch(
    /^\$\{COMPOSE_PROJECT_NAME:-server-tracker\}_default$/,
  );
});

it("gives what the seed gave, without a profile, and honours its variables", () => {
  const byDefault = services.filter(([, { profiles }]) => profiles === undefined).map(([name]) => name);
  expect(byDefault).toEqual(["server-tracker", "postgres", "grafana", "adminer"]);
  for (const name of ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB", "DATABASE_URL", "DISCORD_WEBHOOK_URL"]) {
    expect(text).toContain(`\${${name}:-`);
  }
  expect(compose.services["localstack"]?.image).toMatch(/localstack\/localstack:4\.14\.0\}$/);
});
