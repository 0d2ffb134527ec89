import { useAudit } from "../queries.ts";
import { Earlier } from "./earlier.tsx";
import { Loaded } from "./notices.tsx";
import { Scroll } from "./scroll.tsx";
import { Moment } from "./time.tsx";

/** Who changed what, the newest first. @param of one thing alone, as the audit names it */
export function AuditTable({ of }: { of?: string }) {
  const audit = useAudit(of);
  return (
    <>
      <Loaded query={audit}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          if (items.length === 0) return <p className="muted">Nothing was changed yet.</p>;
          return (
            <Scroll label="Changes">
              <table>
                <thead>
                  <tr>
                    <th>At</th>
                    <th>Who</th>
                    <th>What</th>
                    <th>From</th>
                    <th>To</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ id, at, who, action, what, before, after }) => (
                    <tr key={id}>
                      <td>
                        <Moment at={Date.parse(at)} />
                      </td>
                      <td>{who}</td>
                      <td>
                        {action} {of === undefined && <span className="muted">{what}</span>}
                      </td>
                      <td className="breakable wide">
                        <Shown value={before} />
                      </td>
                      <td className="breakable wide">
                        <Shown value={after} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          );
        }}
      </Loaded>
      <Earlier of="changes" query={audit} />
    </>
  );
}

const SHORT = 120;

function Shown({ value }: { value: unknown }) {
  if (value === null || value === undefined) return null;
  const text = JSON.stringify(value);
  if (text.length <= SHORT) return <code>{text}</code>;
  return (
    <details>
      <summary>
        <code>{text.slice(0, SHORT)} …</code>
      </summary>
      <code>{text}</code>
    </details>
  );
}
