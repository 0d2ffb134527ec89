import type { Opinion } from "../api-types.ts";
import { useOpinions } from "../queries.ts";
import { Loaded } from "./notices.tsx";
import { milliseconds, PhaseBar, PhaseLegend } from "./phases.tsx";
import { Scroll } from "./scroll.tsx";
import { StatusMark } from "./status.tsx";
import { Moment } from "./time.tsx";

/** How a target looks from the places that its `from` names: what each saw last, and its median of the looks that were read. */
export function Elsewhere({ id, places }: { id: string; places: readonly string[] }) {
  return (
    <section>
      <h2>From elsewhere</h2>
      <Loaded query={useOpinions(id)}>{({ items }) => <Places opinions={items} places={places} />}</Loaded>
    </section>
  );
}

function Places({ opinions, places }: { opinions: readonly Opinion[]; places: readonly string[] }) {
  const looks = places.map((place) => ({ place, seen: opinions.filter(({ region }) => region === place) }));
  const scaleMs = Math.max(...looks.map(({ seen }) => seen[0]?.latencyMs ?? 0));
  return (
    <>
      <Scroll label="From elsewhere">
        <table>
          <thead>
            <tr>
              <th>From</th>
              <th>At</th>
              <th>Saw it</th>
              <th>Took</th>
              <th>Median</th>
              <th>Phases</th>
              <th>Reason</th>
            </tr>
          </thead>
          <tbody>
            {looks.map(({ place, seen: [last, ...before] }) => (
              <tr key={place}>
                <th scope="row">{place}</th>
                {last === undefined ? (
                  <td colSpan={6} className="muted">
                    Has not looked in the last day.
                  </td>
                ) : (
                  <>
                    <td>
                      <Moment at={Date.parse(last.at)} />
                    </td>
                    <td>{last.status === null ? "not asked" : <StatusMark status={last.status} />}</td>
                    <td>{milliseconds(last.latencyMs)}</td>
                    <td>{medianOf([last, ...before])}</td>
                    <td>
                      <PhaseBar phases={last.phases} scaleMs={scaleMs} />
                    </td>
                    <td className="breakable">{last.error}</td>
                  </>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <PhaseLegend />
    </>
  );
}

/** Of what was up: how long a failure takes is no latency. */
function medianOf(opinions: readonly Opinion[]): string {
  const latencies = opinions.flatMap(({ status, latencyMs }) => (latencyMs === null || status === "down" ? [] : [latencyMs]));
  const middle = latencies.sort((a, b) => a - b)[Math.floor(latencies.length / 2)];
  return middle === undefined ? "" : `${milliseconds(middle)} of ${latencies.length}`;
}
