import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answered, api } from "../api.ts";
import { busy } from "../parts/busy.ts";
import { useFieldErrors } from "../parts/field-errors.ts";
import { Failure, Loaded } from "../parts/notices.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Moment } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useAudit, useTokens } from "../queries.ts";

/** Who may do what, and who did. */
export function Access() {
  return (
    <>
      <Title>Access</Title>
      <section>
        <h2>API tokens</h2>
        <Tokens />
        <NewToken />
      </section>
      <section>
        <h2>Changes</h2>
        <Audit />
      </section>
    </>
  );
}

function Tokens() {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/tokens/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  return (
    <>
      <Failure error={revoke.error} />
      <Loaded query={useTokens()}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">There is none.</p>
          ) : (
            <Scroll label="Tokens">
              <table>
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Role</th>
                    <th>Made</th>
                    <th>Last used</th>
                    <th>Ends</th>
                    <th />
                  </tr>
                </thead>
                <tbody>
                  {items.map(({ id, name, role, createdAt, lastUsedAt, expiresAt }) => (
                    <tr key={id}>
                      <td>{name}</td>
                      <td>{role}</td>
                      <td>
                        <Moment at={Date.parse(createdAt)} />
                      </td>
                      <td>{lastUsedAt === null ? "never" : <Moment at={Date.parse(lastUsedAt)} />}</td>
                      <td>{expiresAt === null ? "when it is revoked" : <Moment at={Date.parse(expiresAt)} />}</td>
                      <td>
                        <button
                          type="button"
                          className="danger"
                          {...busy(revoke.isPending)}
                          onClick={() => confirm(`Revoke ${name}? Whoever uses it is refused within half a minute.`) && revoke.mutate(id)}
                        >
                          Revoke <span className="unseen">{name}</span>
                        </button>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )
        }
      </Loaded>
    </>
  );
}

const ROLES = ["viewer", "editor", "admin"] as const;

function NewToken() {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<(typeof ROLES)[number]>("viewer");
  const [until, setUntil] = useState("");
  const make = useMutation({
    mutationFn: () =>
      answered(api.POST("/tokens", { body: { name, role, ...(until !== "" && { expiresAt: new Date(until).toISOString() }) } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const { id: errorId, wrong } = useFieldErrors(make.error);
  return (
    <form
      className="bar"
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <label>
        Name
        <input value={name} required {...wrong("name")} onChange={(event) => setName(event.currentTarget.value)} />
      </label>
      <label>
        Role
        <select value={role} onChange={(event) => setRole(ROLES.find((each) => each === event.currentTarget.value) ?? "viewer")}>
          {ROLES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
      <label>
        Expires
        <input type="datetime-local" value={until} {...wrong("expiresAt")} onChange={(event) => setUntil(event.currentTarget.value)} />
      </label>
      <button type="submit" {...busy(make.isPending)}>
        Make a token
      </button>
      <Failure error={make.error} id={errorId} />
      {make.data !== undefined && (
        <p className="notice" role="status">
          Shown only now: <code className="breakable">{make.data.token}</code>
        </p>
      )}
    </form>
  );
}

function Audit() {
  return (
    <Loaded query={useAudit()}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="muted">Nothing was changed yet.</p>
        ) : (
          <Scroll label="Audit">
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
                      {action} <span className="muted">{what}</span>
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
        )
      }
    </Loaded>
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
