import * as z from "zod";
import { messageOf } from "../errors.ts";
import { parseCidr, parsePorts } from "../net/address-guard.ts";
import { parseDnsServer } from "../net/dns-server.ts";
import { ROUND_LENGTHS, type RoundSeconds } from "../time/marks.ts";

/*
 * Pieces that functions' environments share. Each function has a schema of its own beside this: infra types what it
 * tells the function by the same schema, so that a variable it forgets does not compile. All values are text, as
 * environments are. Settings of channels come beside them where a function sends: `channelSettings` of
 * `notify/channel.ts`.
 */

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, "must be a whole number")
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be ${min} to ${max}`);

export const flag = z.enum(["true", "false"], "must be true or false").transform((value) => value === "true");

const roundSeconds = z
  .enum(ROUND_LENGTHS.map(String) as [string, ...string[]], `must be one of ${ROUND_LENGTHS.join(", ")}`)
  .transform((value) => Number(value) as RoundSeconds); // the enum holds these numbers

export const list = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean),
);

/** A list whose parts `parse` takes; its error tells what is wrong. */
export const listOf = <T>(parse: (part: string) => T) =>
  list.transform((parts, context) =>
    parts.flatMap((part) => {
      try {
        return [parse(part)];
      } catch (error) {
        context.addIssue({ code: "custom", message: messageOf(error) });
        return [];
      }
    }),
  );

const cidrList = listOf((range) => {
  parseCidr(range);
  return range;
});

/** A place where a probe runs. */
export interface ProbeAddress {
  readonly name: string;
  /** Where its function is called; its region's Lambda when left out. */
  readonly url?: string;
}

/** @throws {RangeError} for what is neither a region nor a name with an address */
export function parseProbe(text: string): ProbeAddress {
  const [, name = "", url] = /^([\w-]{1,40})(?:=(https?:\/\/\S+))?$/.exec(text) ?? [];
  if (name === "" || (url !== undefined && !URL.canParse(url))) {
    throw new RangeError(`"${text}" is no region such as us-east-1, and no name=http://127.0.0.1:9000 of a probe`);
  }
  return { name, ...(url !== undefined && { url }) };
}

export const stateEnv = { TABLE_NAME: z.string().min(1) };
export const logEnv = {
  LOG_RESOURCE_ARN: z.string().min(1),
  LOG_SECRET_ARN: z.string().min(1),
  LOG_DATABASE: z.string().min(1),
};
export const restEnv = {
  /** Whether the log sleeps between its hours: rows wait in the state store, and a look wakes it. */
  ECONOMY: flag.default(false),
};
export const roundEnv = { ROUND_SECONDS: roundSeconds.default(30) };
export const reachEnv = {
  /** Ranges a check or webhook may reach though they are closed by default. */
  ALLOWED_PRIVATE_RANGES: cidrList.default([]),
  /** The only ports that may be dialled, such as `80,443,8000-9000`; any when it is empty. */
  ALLOWED_PORTS: listOf(parsePorts).default([]),
  /** Name servers asked instead of the machine's own. */
  DNS_SERVERS: listOf((server) => {
    if (parseDnsServer(server) === undefined) throw new RangeError(`"${server}" is not a name server such as 1.1.1.1 or [::1]:5353`);
    return server;
  }).default([]),
  /** Where `user-agent` points readers of other people's access logs. */
  USER_AGENT_URL: z.url().optional(),
};
export const pingEnv = {
  /** Whether targets of type ping are checked: by the machine's `ping` command, which Lambda has not. */
  ALLOW_PING: flag.default(false),
};
export const pageEnv = {
  /** Address of the deployment, for links in alerts. */
  PUBLIC_URL: z.url().optional(),
  /** Where people reach its API, where that is not `/api` below it. */
  API_URL: z.url().optional(),
};

/** Where people reach the API, when there is an address. */
export function apiUrlOf({ API_URL, PUBLIC_URL }: { API_URL?: string | undefined; PUBLIC_URL?: string | undefined }): string | undefined {
  return API_URL ?? (PUBLIC_URL && `${PUBLIC_URL.replace(/\/$/, "")}/api`);
}

export const secretsEnv = {
  /** Path in SSM Parameter Store under which secret settings stand as SecureStrings, by their names. */
  SECRETS_PATH: z.string().startsWith("/").optional(),
};

export const fieldKeyEnv = {
  /** Encrypts what may hold credentials in targets. Changed, what was encrypted before cannot be read any more. */
  FIELD_KEY: z.string().min(32, "must have at least 32 characters"),
  /** Secret of Secrets Manager that holds it, where it is not given. */
  FIELD_KEY_SECRET_ARN: z.string().optional(),
};

export const stageEnv = {
  /** The deployment's name, in its metrics. */
  STAGE: z.string().default("local"),
};
