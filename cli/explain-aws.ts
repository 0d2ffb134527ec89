import { messageOf } from "../shared/errors.ts";

/** What the SDK says where nothing is set up, and what to do about it. */
const REMEDIES: readonly (readonly [said: RegExp, remedy: string])[] = [
  [/^Region is missing/, "no region is set: set AWS_REGION, or AWS_PROFILE to a profile that has one"],
  [
    /^Could not load credentials|^(?:Token is|The SSO session).*expired|credentials.*expired/i,
    "there are no credentials of AWS: sign in (aws sso login, or aws configure), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  ],
];

/** An error's message, with what to do where it is of an environment that is not set up for AWS. */
export function explainAws(error: unknown): string {
  const message = messageOf(error);
  const found = REMEDIES.find(([said]) => said.test(message));
  return found === undefined ? message : `${found[1]} (${message})`;
}
