import * as z from "zod";
import { visibleText } from "../text/visible-text.ts";

/** A project, and a key in its files. */
export const ownerSchema = z.strictObject({ project: visibleText(100), key: visibleText(200) });

/** Whose a thing is that comes from a file: of a target, a channel, a maintenance window, a status page. */
export const managedSchema = ownerSchema
  .optional()
  .meta({ description: "Which file it comes from, and under which key: what `server-tracker apply` keeps." });
