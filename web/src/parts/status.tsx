import type { Status } from "../api.ts";

/** What people read, worst first. */
export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  down: "Down",
  degraded: "Degraded",
  pending: "Not checked yet",
  paused: "Paused",
  up: "Up",
};
export const WORST_FIRST = Object.keys(STATUS_WORDS) as Status[];

/** The worst of some states; a paused target makes a group no worse than one that is up. */
export function worstOf(statuses: readonly Status[]): Status {
  return WORST_FIRST.find((status) => statuses.includes(status) && (status !== "paused" || !statuses.includes("up"))) ?? "pending";
}

/** Shape, colour and word: never the colour alone. */
export function StatusMark({ status, isShort = false }: { status: Status; isShort?: boolean }) {
  const word = STATUS_WORDS[status];
  return (
    <span className={`status status-${status}`} title={word}>
      <svg className="mark" viewBox="0 0 16 16" aria-hidden="true">
        {SHAPES[status]}
      </svg>
      <span className={isShort ? "unseen" : undefined}>{word}</span>
    </span>
  );
}

const SHAPES: Readonly<Record<Status, React.ReactNode>> = {
  up: <circle cx="8" cy="8" r="6" />,
  degraded: <path d="M8 1.5 15 14H1z" />,
  down: <path d="M5 1.5h6L14.5 5v6L11 14.5H5L1.5 11V5z" />,
  pending: <circle cx="8" cy="8" r="5" className="hollow" />,
  paused: <path d="M3 2h3.5v12H3zM9.5 2H13v12H9.5z" />,
};
