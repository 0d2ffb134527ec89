import type { CheckResult } from "../api.ts";
import { milliseconds, PhaseBar, PhaseLegend } from "./phases.tsx";
import { StatusMark } from "./status.tsx";
import { Moment } from "./time.tsx";

/** What a check found: one that somebody asked for, which tells more, or one of the log. */
export function CheckOutcome({
  result: { status, error, note, latencyMs, phases, address, certificate = null, chains = [], assertions = [], requests = [] },
}: {
  result: Pick<CheckResult, "status" | "error" | "note" | "latencyMs" | "phases" | "address"> &
    Partial<Pick<CheckResult, "certificate" | "chains" | "assertions" | "requests">>;
}) {
  const total = Object.values(phases).reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  return (
    <div className="outcome" role="status">
      <p>
        <StatusMark status={status} /> {milliseconds(latencyMs)}
        {error !== null && <span className="reason">{error.text}</span>}
        {note !== null && <span className="muted">{note}</span>}
      </p>
      <PhaseBar phases={phases} scaleMs={total} />
      <PhaseLegend />
      {assertions.length > 0 && (
        <ul className="assertions">
          {assertions.map(({ what, holds, saw }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an assertion is its place.
            <li key={index} className="breakable">
              <b className={holds ? "good" : "bad"}>{holds ? "holds" : "fails"}</b> {what} <span className="muted">saw {saw}</span>
            </li>
          ))}
        </ul>
      )}
      {requests.length > 0 && (
        <ol className="muted">
          {requests.map(({ url, status: code }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the order is what they are.
            <li key={index} className="breakable">
              {code} {url}
            </li>
          ))}
        </ol>
      )}
      {(address !== null || certificate !== null) && (
        <p className="muted">
          {address}
          {certificate !== null && ` — ${certificate.what}: ${certificate.daysLeft} days left`}
        </p>
      )}
      {chains.map(({ of, certificates }) => (
        <details key={`${of} ${certificates[0]?.fingerprint}`}>
          <summary>Certificates of {of}</summary>
          <ol>
            {certificates.map((shown) => (
              <li key={shown.fingerprint} className="breakable">
                <b>{shown.name}</b>, signed by {shown.issuer}, {shown.daysLeft < 0 ? "ended" : "until"}{" "}
                <Moment at={Date.parse(shown.validTo)} />{" "}
                <span className={shown.daysLeft < 0 ? "bad" : "muted"}>
                  ({shown.daysLeft < 0 ? "it has expired" : `${shown.daysLeft} days`})
                </span>
                {shown.names.length > 0 && <div className="muted">for {shown.names.join(", ")}</div>}
                <div className="muted">SHA-256 {shown.fingerprint}</div>
              </li>
            ))}
          </ol>
        </details>
      ))}
    </div>
  );
}
