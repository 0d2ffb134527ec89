import { expect, it } from "vitest";
import { explainAws } from "../../cli/explain-aws.ts";

it.each([
  ["Region is missing", /^no region is set: set AWS_REGION.*\(Region is missing\)$/],
  ["Could not load credentials from any providers", /^there are no credentials of AWS: sign in/],
  ["The SSO session associated with this profile has expired.", /^there are no credentials of AWS: sign in/],
  ["Access denied", /^Access denied$/],
])("says what to do where the SDK says %s", (said, expected) => {
  expect(explainAws(new Error(said))).toMatch(expected);
});
