import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api } from "../api.ts";
import { Failure } from "../parts/notices.tsx";
import { credentialHeaders, signIn } from "../session.ts";

/** Asks for a token; what was on the screen stays beneath, so that no work is lost. @param isAgain what we had is refused now */
export function SignIn({ isAgain }: { isAgain: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [failure, setFailure] = useState<unknown>();
  const queries = useQueryClient();
  useEffect(() => {
    if (dialog.current?.open === false) dialog.current.showModal();
  }, []);
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
      setFailure(error);
    }
  };
  return (
    <dialog ref={dialog} className="sign-in" aria-labelledby="sign-in-title" onCancel={(event) => event.preventDefault()}>
      <form onSubmit={(event) => void submit(event)}>
        <h1 id="sign-in-title">{isAgain ? "Sign in again" : "Server Tracker"}</h1>
        <p className="muted">
          {isAgain
            ? "Your credentials are no longer valid. What you were doing is kept."
            : "With an API token, or the API key that npm start prints. It stays in this tab."}
        </p>
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
        <Failure error={failure} />
        <button type="submit">Sign in</button>
      </form>
    </dialog>
  );
}
