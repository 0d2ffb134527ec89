import * as z from "zod";
import { roundEnv, stateEnv, wholeNumber } from "./fields.ts";

export const planRoundEnv = z.object({ ...stateEnv, ...roundEnv, SHARD_SIZE: wholeNumber(1, 1_000).default(250) });
