import { ApiError } from "../api.ts";
import { Failure } from "./notices.tsx";

/** A refusal, and what to do where it is that somebody else changed the thing meanwhile. */
export function Conflict({ error, id, onMine, onTheirs }: { error: unknown; id?: string; onMine: () => void; onTheirs: () => void }) {
  if (!(error instanceof ApiError) || error.status !== 412) return <Failure error={error} {...(id !== undefined && { id })} />;
  return (
    <div className="notice notice-bad" role="alert">
      <p>Somebody changed it since you opened it. What you changed is not saved.</p>
      <div className="actions">
        <button type="button" onClick={onMine}>
          Save what I changed all the same
        </button>
        <button type="button" onClick={onTheirs}>
          Take theirs
        </button>
      </div>
    </div>
  );
}

/** What a change is sent with, so that nobody else's is overwritten unseen. @param version of the thing; `undefined` for a new one */
export function ifMatch(version: unknown, isForced: boolean): Record<string, string> {
  return isForced || version === undefined ? {} : { "if-match": `"${String(version)}"` };
}
