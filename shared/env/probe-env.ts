import * as z from "zod";
import { reachEnv } from "./fields.ts";

export const probeEnv = z.object({ ...reachEnv });
