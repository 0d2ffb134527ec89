import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "wouter";
import { ApiError, LogAsleepError } from "../api.ts";
import { Moment } from "./time.tsx";
import { Title } from "./title.tsx";

/** What went wrong, in the API's words. @param id for the fields that it is about */
export function Failure({ error, id }: { error: unknown; id?: string }) {
  if (error === null || error === undefined) return null;
  const text = wordsOf(error);
  return (
    <p id={id} className="notice notice-bad" role="alert">
      {text}
    </p>
  );
}

/** As a sentence, whoever says it. */
function wordsOf(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) return "Sign in again to go on.";
  const text = error instanceof Error ? error.message : String(error);
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/[.\s]+$/, "")}.`;
}

/** What a query has: nothing yet, an error, or data that may be old. @param title of a whole screen that has none without its data */
export function Loaded<Data>({
  query,
  title,
  children,
}: {
  query: UseQueryResult<Data>;
  title?: string;
  children: (data: Data) => React.ReactNode;
}) {
  const { data, error, dataUpdatedAt, failureReason } = query;
  if (data === undefined && error === null) {
    const isWaking = failureReason instanceof LogAsleepError;
    return <p className="muted">{isWaking ? "The log is waking …" : "Loading …"}</p>;
  }
  // What one may no longer see, or is not there any more, is not shown from before: nothing can be done with it.
  const isGone = data !== undefined && error instanceof ApiError && error.status === 404;
  if (data === undefined || isGone || (error instanceof ApiError && error.status === 403)) {
    return (
      <>
        {title !== undefined && <Title>{title}</Title>}
        {isGone ? (
          <p className="notice notice-bad" role="alert">
            This was deleted while it was open. <Link href="/">Overview</Link>
          </p>
        ) : (
          <Failure error={error} />
        )}
      </>
    );
  }
  return (
    <>
      {error !== null && (
        <p className="notice notice-bad" role="alert">
          {wordsOf(error)} This is how it was at <Moment at={dataUpdatedAt} />.
        </p>
      )}
      {children(data)}
    </>
  );
}
