import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answered, api } from "../api.ts";
import { AuditTable } from "../parts/audit-table.tsx";
import { busy } from "../parts/busy.ts";
import { useFieldErrors } from "../parts/field-errors.ts";
import { Failure, Loaded } from "../parts/notices.tsx";
import { Scroll } from "../parts/scroll.tsx";
import { Moment } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { useTokens } from "../queries.ts";

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
        <AuditTable />
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
                    <th>
                      <span className="unseen">What can be done</span>
                    </th>
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
    onSuccess: async () => {
      setName("");
      await queries.invalidateQueries({ queryKey: ["tokens"] });
    },
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
