import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { api } from "../api.ts";
import { Failure } from "../parts/notices.tsx";
import { Title } from "../parts/title.tsx";
import { credentialHeaders, signIn } from "../session.ts";

/** Asks who is there; what was on the screen stays beneath, so that no work is lost. @param isAgain what we had is refused now */
export function SignIn({ isAgain }: { isAgain: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [failure, setFailure] = useState<unknown>();
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="sign-in"
      aria-labelledby="sign-in-title"
      onCancel={(event) => event.preventDefault()}
      // A browser closes it all the same when Escape is pressed again: nothing goes on without it.
      onClose={() => dialog.current?.showModal()}
    >
      <h1 id="sign-in-title">{isAgain ? "Sign in again" : "Server Tracker"}</h1>
      {isAgain && <p className="muted">Your credentials are no longer valid. What you were doing is kept.</p>}
      <AccountSignIn isAgain={isAgain} onFailure={setFailure} />
      <TokenSignIn onFailure={setFailure} />
      <Failure error={failure} />
    </dialog>
  );
}

interface WayInProps {
  readonly onFailure: (error: unknown) => void;
}

/** By the issuer, where there is one. */
function AccountSignIn({ isAgain, onFailure }: WayInProps & { isAgain: boolean }) {
  const queries = useQueryClient();
  // With it comes the code that a click must find there: a window that opens later is blocked.
  const offered = useQuery({
    queryKey: ["sign-in"],
    queryFn: async () => {
      const oidc = await import("../oidc.ts");
      return { oidc, settings: (await oidc.signInSettings()) ?? null };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { oidc, settings } = offered.data ?? {};
  if (oidc === undefined || !settings) return null;
  const start = async () => {
    try {
      onFailure(undefined);
      if (!isAgain) return await oidc.leaveForIssuer();
      await oidc.signInBeside();
      await queries.invalidateQueries();
    } catch (error) {
      onFailure(
        new Error(`Signing in did not work: ${error instanceof Error ? error.message : "no answer"}. Allow the window, or try again.`),
      );
    }
  };
  return (
    <>
      <button type="button" onClick={() => void start()}>
        Sign in with your account
      </button>
      <p className="muted">at {new URL(settings.endpoints?.authorization_endpoint ?? settings.issuer).host}. Or:</p>
    </>
  );
}

/** By an API token. */
function TokenSignIn({ onFailure }: WayInProps) {
  const [text, setText] = useState("");
  const queries = useQueryClient();
  const submit = async (event: React.FormEvent) => {
    event.preventDefault();
    const given = text.trim();
    try {
      const { response } = await api.GET("/me", { headers: credentialHeaders(given) });
      if (response.status === 401) throw new Error("This key or token is not valid.");
      if (!response.ok) throw new Error(`The API answered ${response.status}. Try again.`);
      signIn(given);
      await queries.invalidateQueries();
    } catch (error) {
      onFailure(error);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p className="muted">With an API token, or the API key that npm start prints. It stays in this tab.</p>
      <label>
        API token or key
        <input
          type="password"
          autoComplete="current-password"
          required
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit">Sign in</button>
    </form>
  );
}

/** Where an issuer leads back to. */
export function SignInReturn() {
  const [, go] = useLocation();
  const [failure, setFailure] = useState<unknown>();
  const [isDone, setDone] = useState(false);
  const isBegun = useRef(false);
  useEffect(() => {
    // The issuer's code is good for once, and React's strict mode runs effects twice.
    if (isBegun.current) return;
    isBegun.current = true;
    import("../oidc.ts")
      .then((oidc) => oidc.comeBack())
      .then((path) => (path === undefined ? setDone(true) : go(path, { replace: true })), setFailure);
  }, [go]);
  return (
    <>
      <Title>Signing in</Title>
      {isDone && <p>This window has done its part, and can be closed.</p>}
      {failure !== undefined && <Failure error={failure} />}
      {(isDone || failure !== undefined) && (
        <p>
          <Link href="/">To the overview</Link>
        </p>
      )}
    </>
  );
}
