import * as z from "zod";
import { decodeCursor, encodeCursor, filterText, momentOf, pageQuery, pageSchema } from "../paging.ts";
import { defineRoute } from "../route.ts";

const entryView = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    who: z.string().meta({ description: "`api-key`, `token:<id>` or `user:<subject>`." }),
    action: z.string().meta({ description: "The operation, such as `updateTarget`." }),
    what: z.string().meta({ description: "The kind of thing, a colon, and its id, such as `target:<id>`." }),
    before: z.unknown(),
    after: z.unknown(),
  })
  .meta({ id: "AuditEntry" });

const cursorSchema = z.object({ at: momentOf(z.iso.datetime()), id: z.uuid() });

export const listAudit = defineRoute({
  method: "GET",
  path: "/audit",
  id: "listAudit",
  summary: "Who changed what through the API, the newest first",
  tag: "Access",
  access: "admin",
  query: z.strictObject({
    ...pageQuery,
    what: filterText(200).meta({ description: "Changes of this thing alone, named as in the entries." }),
  }),
  responses: { 200: { description: "A page of changes; secrets are masked.", schema: pageSchema(entryView) } },
  async handle({ history }, { query: { limit, cursor, what } }) {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, cursorSchema);
    const { items, hasMore } = await history.audits({ limit, what, before });
    const last = items.at(-1);
    return { status: 200, body: { items, next: hasMore && last ? encodeCursor({ at: last.at, id: last.id }) : null } };
  },
});
