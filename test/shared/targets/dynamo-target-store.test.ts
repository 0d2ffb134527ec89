import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import { targetStoreContract } from "../../contracts/target-store.contract.ts";
import { startState, TABLE_NAME } from "../../support/state-engine.ts";
import { untilTestEnds } from "../../support/until-test-ends.ts";

targetStoreContract(async (clock) => createDynamoTargetStore(untilTestEnds(await startState()).client, TABLE_NAME, clock));
