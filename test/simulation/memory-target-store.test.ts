import { targetStoreContract } from "../contracts/target-store.contract.ts";
import { createMemoryTargetStore, createTargetTable } from "./memory-target-store.ts";

// What simulations run over behaves as what deployments run over.
targetStoreContract(async (clock) => createMemoryTargetStore(createTargetTable(), clock, async (_, run) => run()));
