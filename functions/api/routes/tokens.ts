import * as z from "zod";
import { ROLES } from "../../../shared/access/authorize.ts";
import { createTokenSecret, hashToken } from "../../../shared/access/token.ts";
import { type ApiToken, MAX_TOKENS } from "../../../shared/access/token-store.ts";
import { invalidField, RequestError } from "../../../shared/errors.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { momentField } from "../paging.ts";
import { defineRoute } from "../route.ts";

const tokenView = z
  .object({
    id: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable().meta({ description: "To within 10 minutes." }),
  })
  .meta({ id: "Token" });

export const createToken = defineRoute({
  method: "POST",
  path: "/tokens",
  id: "createToken",
  summary: "Make an API token; its secret is shown only now",
  tag: "Access",
  access: "admin",
  body: z.strictObject({
    name: visibleText(100),
    role: z.enum(ROLES),
    expiresAt: momentField.optional().meta({ description: "Left out: it lasts until it is revoked." }),
  }),
  bodyDoc: z.strictObject({ name: z.string().min(1).max(100), role: z.enum(ROLES), expiresAt: z.iso.datetime().optional() }),
  responses: { 201: { description: "Made.", schema: tokenView.extend({ token: z.string() }) } },
  async handle({ tokens, clock }, { body }) {
    if (body.expiresAt !== undefined && Date.parse(body.expiresAt) <= clock.now()) {
      throw invalidField("expiresAt", "must be in the future");
    }
    if ((await tokens.list()).length >= MAX_TOKENS) {
      throw new RequestError("conflict", `There are ${MAX_TOKENS} tokens, as many as may be: revoke those that nobody uses.`);
    }
    const { name, role, expiresAt } = body;
    const secret = createTokenSecret();
    const token = await tokens.create(hashToken(secret), { name, role, ...(expiresAt !== undefined && { expiresAt }) });
    const view = viewOf(token);
    return { status: 201, body: { ...view, token: secret }, change: { what: `token:${token.id}`, after: view } };
  },
});

export const listTokens = defineRoute({
  method: "GET",
  path: "/tokens",
  id: "listTokens",
  summary: "API tokens, the newest first",
  tag: "Access",
  access: "admin",
  responses: { 200: { description: "All of them; none with its secret.", schema: z.object({ items: z.array(tokenView) }) } },
  handle: async ({ tokens }) => ({ status: 200, body: { items: (await tokens.list()).map(viewOf) } }),
});

export const revokeToken = defineRoute({
  method: "DELETE",
  path: "/tokens/{id}",
  id: "revokeToken",
  summary: "Revoke an API token; it is refused within half a minute",
  tag: "Access",
  access: "admin",
  params: z.object({ id: z.string().max(100) }),
  responses: { 204: { description: "Revoked." } },
  async handle({ tokens }, { params }) {
    const token = await tokens.revoke(params.id);
    if (token === undefined) throw new RequestError("not-found", `There is no token ${params.id}.`);
    return { status: 204, change: { what: `token:${token.id}`, before: viewOf(token) } };
  },
});

function viewOf({ id, name, role, createdAt, expiresAt, lastUsedAt }: ApiToken): z.output<typeof tokenView> {
  return { id, name, role, createdAt, expiresAt: expiresAt ?? null, lastUsedAt: lastUsedAt ?? null };
}
