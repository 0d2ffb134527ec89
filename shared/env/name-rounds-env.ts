import * as z from "zod";
import { roundEnv } from "./fields.ts";

export const nameRoundsEnv = z.object({ ...roundEnv });
