import * as z from "zod";
import { ROLES } from "../../shared/access/authorize.ts";
import { documentOf, html } from "../../shared/page/html.ts";

/** The page's client, and the `aud` of tokens. */
export const DEV_AUDIENCE = "server-tracker-local";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** What a page asks an issuer for (OpenID Connect Core 1.0, 3.1.2.1; RFC 7636): it leads back to this machine alone. */
export const authorizationRequest = z.object({
  client_id: z.literal(DEV_AUDIENCE, `client_id must be ${DEV_AUDIENCE}`),
  response_type: z.literal("code", "response_type must be code"),
  redirect_uri: z
    .url("redirect_uri must be a URL")
    .refine(isOnLoopback, "redirect_uri must be on this machine, such as http://127.0.0.1:8000/sign-in"),
  state: z.string("state must be set").max(500),
  code_challenge: z.string("code_challenge must be set").max(200),
  code_challenge_method: z.literal("S256", "code_challenge_method must be S256"),
  nonce: z.string().max(500).optional(),
});
export type AuthorizationRequest = z.output<typeof authorizationRequest>;

function isOnLoopback(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && LOOPBACK.test(url.hostname);
}

/** Who asks for a login: a page that is led back to, or a device whose code is entered. */
export type LoginRequest = { readonly page: AuthorizationRequest } | { readonly userCode: string };

/** Asks for the API key, and for the role to try. @param failure what was wrong with the last answer */
export function loginPage(request: LoginRequest, failure?: string): string {
  return signInDocument(html`<p>This stands for your identity provider, on this machine alone.</p>
        <form method="post" action=${"page" in request ? "authorize" : "device"}>
          ${
            "page" in request
              ? Object.entries(request.page).map(([name, value]) => html`<input type="hidden" name=${name} value=${value} />`)
              : html`<p><label>Code that the terminal shows <input name="user_code" value=${request.userCode} required /></label></p>`
          }
          <p><label>API key <input type="password" name="api_key" required autofocus autocomplete="current-password" /></label></p>
          <fieldset>
            <legend>Role</legend>
            ${ROLES.map((role) => html`<label><input type="radio" name="role" value=${role} checked=${role === "admin"} /> ${role}</label> `)}
          </fieldset>
          ${failure !== undefined && html`<p role="alert">${failure}</p>`}
          <p><button type="submit">Sign in</button></p>
        </form>`);
}

/** Says to somebody with a device that it is done. */
export function signedInPage(): string {
  return signInDocument(html`<p>You are signed in. Go back to the terminal: this window can be closed.</p>`);
}

function signInDocument(content: ReturnType<typeof html>): string {
  return documentOf(html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>Sign in</title>
    </head>
    <body>
      <main>
        <h1>Sign in</h1>
        ${content}
      </main>
    </body>
  </html>`);
}
