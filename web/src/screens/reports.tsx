import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import { answered, api } from "../api.ts";
import { busy } from "../parts/busy.ts";
import { Failure, Loaded } from "../parts/notices.tsx";
import { percent } from "../parts/percent.ts";
import { Scroll } from "../parts/scroll.tsx";
import { duration, Moment, ZONE } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { labelOf } from "../schema.ts";

const PERCENT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 4 });

/** The last 24 months, this one first: `2026-11`. */
function months(): string[] {
  const now = new Date();
  return Array.from({ length: 24 }, (_, back) => {
    const month = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back, 1));
    return month.toISOString().slice(0, 7);
  });
}

/** Uptime by month, of targets and groups, on the screen and as a table for a spreadsheet. */
export function Reports() {
  const [parameters, setParameters] = useSearchParams();
  const month = parameters.get("month") ?? months()[0] ?? "";
  const tag = parameters.get("tag") ?? "";
  const set = (name: string, value: string) =>
    setParameters(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === "") next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const query = { month, timeZone: ZONE, ...(tag !== "" && { tag }) };
  const report = useQuery({
    queryKey: ["report", query],
    queryFn: ({ signal }) => answered(api.GET("/reports/uptime", { params: { query }, signal })),
    placeholderData: (before) => before,
  });
  const csv = useMutation({
    mutationFn: async () => {
      const asked = api.GET("/reports/uptime", { params: { query: { ...query, format: "csv" } }, parseAs: "text" });
      const text = (await answered(asked)) as unknown as string; // CSV is what was asked for
      const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
      const link = Object.assign(document.createElement("a"), { href: address, download: `uptime-${month}.csv` });
      link.click();
      URL.revokeObjectURL(address);
    },
  });
  return (
    <>
      <div className="bar">
        <Title>Reports</Title>
        <label>
          Month{" "}
          <select value={month} onChange={(event) => set("month", event.currentTarget.value)}>
            {[...new Set([...months(), month])].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label>
          Tag <input value={tag} size={12} onChange={(event) => set("tag", event.currentTarget.value)} />
        </label>
        <button type="button" {...busy(csv.isPending)} onClick={() => csv.mutate()}>
          Download as CSV
        </button>
      </div>
      <Failure error={csv.error} />
      <Loaded query={report}>
        {({ from, to, rules, groups, targets }) => (
          <>
            <p className="muted">
              From <Moment at={Date.parse(from)} /> to <Moment at={Date.parse(to)} />, in days of {ZONE}.
            </p>
            {groups.length > 0 && <Figures of="Group" rows={groups.map((row) => ({ ...row, name: row.group, href: undefined }))} />}
            {targets.length === 0 ? (
              <p>
                {tag === ""
                  ? "Nothing was watched then, or it began less than 5 minutes ago."
                  : `No target with the tag ${tag} was watched then.`}
              </p>
            ) : (
              <Figures of="Target" rows={targets.map((row) => ({ ...row, href: `/targets/${row.id}` }))} />
            )}
            <details>
              <summary>How these figures come about</summary>
              <dl>
                {Object.entries(rules).map(([name, rule]) => (
                  <div key={name}>
                    <dt>{labelOf(name)}</dt>
                    <dd>{rule}</dd>
                  </div>
                ))}
              </dl>
            </details>
          </>
        )}
      </Loaded>
    </>
  );
}

interface Row {
  readonly name: string;
  readonly href: string | undefined;
  readonly uptimePercent: number | null;
  readonly downSeconds: number;
  readonly degradedSeconds: number;
  readonly unknownSeconds: number;
  readonly maintenanceSeconds: number;
  readonly incidents: number;
  readonly detectSeconds: number | null;
  readonly recoverSeconds: number | null;
  readonly objectivePercent: number | null;
  readonly budgetSeconds: number | null;
  readonly budgetLeftPercent: number | null;
}

const lasted = (seconds: number | null) => (seconds === null || seconds <= 0 ? "–" : duration(seconds));

/** What an objective allows, and what is left of it. */
function Budget({ of: { objectivePercent, budgetSeconds, budgetLeftPercent } }: { of: Row }) {
  if (budgetSeconds === null) return <td>–</td>;
  return (
    <td>
      {budgetLeftPercent === null ? "nothing is known" : `${PERCENT.format(budgetLeftPercent)} % left`}{" "}
      <span className="muted">
        of {lasted(budgetSeconds)}
        {objectivePercent !== null && ` (${PERCENT.format(objectivePercent)} %)`}
      </span>
    </td>
  );
}

function Figures({ of, rows }: { of: string; rows: readonly Row[] }) {
  const hasBudget = rows.some(({ budgetSeconds }) => budgetSeconds !== null);
  return (
    <Scroll label={`Figures by ${of.toLowerCase()}`}>
      <table>
        <thead>
          <tr>
            <th>{of}</th>
            <th>Uptime</th>
            <th>Down</th>
            <th>Degraded</th>
            <th>Not seen</th>
            <th>Maintenance</th>
            <th>Incidents</th>
            <th>To detect</th>
            <th>To recover</th>
            {hasBudget && <th>Error budget</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.href ?? row.name}>
              <th scope="row" className="breakable">
                {row.href === undefined ? row.name : <Link href={row.href}>{row.name}</Link>}
              </th>
              <td>{percent(row.uptimePercent)}</td>
              <td>{lasted(row.downSeconds)}</td>
              <td>{lasted(row.degradedSeconds)}</td>
              <td>{lasted(row.unknownSeconds)}</td>
              <td>{lasted(row.maintenanceSeconds)}</td>
              <td>{row.incidents}</td>
              <td>{lasted(row.detectSeconds)}</td>
              <td>{lasted(row.recoverSeconds)}</td>
              {hasBudget && <Budget of={row} />}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
