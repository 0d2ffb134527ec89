import { createDynamoTargetStore } from "../../../shared/targets/dynamo-target-store.ts";
import { targetStoreContract } from "../../contracts/target-store.contract.ts";
import { startState, TABLE_NAME, untilTestEnds } from "../../support/engines.ts";

targetStoreContract(async (clock) => createDynamoTargetStore(untilTestEnds(await startState()).client, TABLE_NAME, clock));
