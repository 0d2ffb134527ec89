import { readFile } from "node:fs/promises";
import aslValidator from "asl-validator";
import { expect, it } from "vitest";
import { assertSupported, loadRoundMachine, ROUND_DEFINITION } from "../../../local/stand-ins/round-machine.ts";
import { describeRoundMachine } from "../../contracts/round-machine.contract.ts";

const definition = JSON.parse(
  (await readFile(ROUND_DEFINITION, "utf8")).replace(/\$\{(\w+)\}/g, "arn:aws:lambda:eu-central-1:000000000000:function:$1"),
);

it("runs a definition that an outside validator accepts", () => {
  const { isValid, errors } = aslValidator(definition);
  expect([isValid, errors]).toEqual([true, []]);
});

it.each([
  ["JSONata", { QueryLanguage: "JSONata" }],
  ["Assign", { States: { A: { Assign: { x: 1 } } } }],
  ["HeartbeatSeconds", { States: { A: { HeartbeatSeconds: 3 } } }],
  ["ToleratedFailure", { States: { A: { ToleratedFailurePercentage: 3 } } }],
  ["IsPresent: false", { Choices: [{ Variable: "$.x", IsPresent: false }] }],
  ["$$.Execution.Id", { Parameters: { "id.$": "$$.Execution.Id" } }],
  ["distributed", { ProcessorConfig: { Mode: "DISTRIBUTED" } }],
  ["waitForTaskToken", { Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken" }],
])("refuses %s, which the local interpreter would ignore", (what, part) => {
  expect(() => assertSupported({ ...definition, Extra: part })).toThrow(what);
});

it("accepts our own", () => {
  expect(() => assertSupported(definition)).not.toThrow();
});

describeRoundMachine("our own interpreter", loadRoundMachine);
