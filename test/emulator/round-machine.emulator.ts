import { afterAll } from "vitest";
import { describeRoundMachine } from "../contracts/round-machine.contract.ts";
import { startLocalstack } from "./localstack.ts";
import { orSkipped } from "./python-emulator.ts";

/* The round loop's file in a second interpreter, by others: what both do the same, AWS is likely to do. */
const localstack = await orSkipped(startLocalstack());
if (localstack !== undefined) {
  afterAll(() => localstack.close());
  describeRoundMachine("LocalStack's Step Functions", localstack.load);
}
