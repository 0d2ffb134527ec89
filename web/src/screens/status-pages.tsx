import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { answered, api } from "../api.ts";
import type { StatusPage } from "../api-types.ts";
import { busy } from "../parts/busy.ts";
import { Failure, Loaded } from "../parts/notices.tsx";
import { ObjectForm } from "../parts/object-form.tsx";
import { PagePreview } from "../parts/page-preview.tsx";
import { Fields } from "../parts/schema-field.tsx";
import { Moment } from "../parts/time.tsx";
import { Title } from "../parts/title.tsx";
import { mayLeave } from "../parts/unsaved.ts";
import { useBodySchema, useMay, useStatusPages } from "../queries.ts";
import type { JsonObject } from "../schema.ts";

/** Pages for the public: where they are, and what they show. */
export function StatusPages() {
  const isAdmin = useMay("admin");
  const [edited, setEdited] = useState<StatusPage | "new">();
  return (
    <>
      <div className="bar">
        <Title>Status pages</Title>
        {isAdmin && (
          <button type="button" className="main" onClick={() => mayLeave() && setEdited("new")}>
            New page
          </button>
        )}
      </div>
      <p className="muted">
        What the public sees: files that stand when everything else is down. They are written when something changes, and every five
        minutes.
      </p>
      <Loaded query={useStatusPages()}>
        {({ items }) =>
          items.length === 0 ? (
            <p>There is none yet.</p>
          ) : (
            <ul className="channels">
              {items.map((page) => (
                <PageLine key={page.slug} page={page} isAdmin={isAdmin} onEdit={() => mayLeave() && setEdited(page)} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {edited !== undefined && (
        <PageForm
          key={edited === "new" ? "" : edited.slug}
          page={edited === "new" ? undefined : edited}
          onDone={() => setEdited(undefined)}
        />
      )}
    </>
  );
}

function PageLine({ page, isAdmin, onEdit }: { page: StatusPage; isAdmin: boolean; onEdit: () => void }) {
  const { slug, title, path, visibility, updatedAt } = page;
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/status-pages/{slug}", { params: { path: { slug } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["status-pages"] }),
  });
  return (
    <li>
      <b className="breakable">{title}</b>{" "}
      <a href={path} target="_blank" rel="noreferrer">
        Look at it <span className="unseen">: {title}</span>
      </a>{" "}
      <span className="muted breakable">
        {visibility === "unlisted" && "unlisted, "}
        {path}, changed <Moment at={Date.parse(updatedAt)} />
      </span>
      <Addresses path={path} />
      {isAdmin && (
        <div className="actions">
          <button type="button" onClick={onEdit}>
            Edit <span className="unseen">{title}</span>
          </button>
          <button
            type="button"
            className="danger"
            {...busy(remove.isPending)}
            onClick={() => {
              if (confirm(`Take ${title} back? Its address, feeds and badges will answer 404.`)) remove.mutate();
            }}
          >
            Delete <span className="unseen">{title}</span>
          </button>
        </div>
      )}
      <Failure error={remove.error} />
    </li>
  );
}

/** What else lies beside a page, for who wants to follow it or to show it elsewhere. */
function Addresses({ path }: { path: string }) {
  const url = new URL(path, location.origin).href;
  const files = { RSS: "feed.rss", Atom: "feed.atom", "JSON Feed": "feed.json", Calendar: "maintenance.ics", Badge: "badge/page.svg" };
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Feeds, badge, embed</summary>
      {isOpen && (
        <dl className="fields">
          {Object.entries(files).map(([what, file]) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd className="breakable">
                <a href={`${path}${file}`}>{url + file}</a>
              </dd>
            </div>
          ))}
          <div>
            <dt>In a page of yours</dt>
            <dd className="breakable">
              <code>{`<iframe src="${url}embed/" title="Status"></iframe>`}</code>
            </dd>
          </div>
        </dl>
      )}
    </details>
  );
}

function PageForm({ page, onDone }: { page: StatusPage | undefined; onDone: () => void }) {
  const start = page === undefined ? { sections: [{ name: "Services" }] } : (page as unknown as JsonObject); // it came as JSON
  return (
    <section>
      <h2>{page === undefined ? "New page" : `Edit ${page.title}`}</h2>
      <Loaded query={useBodySchema("/status-pages")}>
        {(schema) => (
          <ObjectForm
            start={start}
            listKey="status-pages"
            verb={page === undefined ? "Publish it" : "Save"}
            note="It is published with the next round."
            send={({ config, patch, headers }) =>
              page === undefined
                ? answered(api.POST("/status-pages", { body: config as never })) // the API says what is wrong with it
                : answered(api.PATCH("/status-pages/{slug}", { params: { path: { slug: page.slug } }, headers, body: patch }))
            }
            onDone={onDone}
          >
            {({ config, errors, set }) => (
              <>
                <Fields
                  schema={schema}
                  path=""
                  value={config}
                  errors={errors}
                  only={(name) => name !== "logo" && (page === undefined || name !== "slug")}
                  onChange={set}
                />
                <Logo
                  value={config["logo"]}
                  error={errors.get("logo")}
                  onChange={(logo) => {
                    const { logo: _, ...rest } = config;
                    set(logo === undefined ? rest : { ...rest, logo });
                  }}
                />
                <PagePreview config={config} />
              </>
            )}
          </ObjectForm>
        )}
      </Loaded>
    </section>
  );
}

/** A picture, as the data URL that the API takes. */
function Logo({ value, error, onChange }: { value: unknown; error: string | undefined; onChange: (logo: string | undefined) => void }) {
  const id = useId();
  const isSet = typeof value === "string";
  return (
    <div className="field">
      <label htmlFor={id}>Logo</label>
      <input
        id={id}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        aria-describedby={`${id}-help`}
        aria-invalid={error !== undefined}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file === undefined) return;
          const reader = new FileReader();
          reader.addEventListener("load", () => onChange(String(reader.result)));
          reader.readAsDataURL(file);
        }}
      />
      {isSet && (
        <button type="button" onClick={() => onChange(undefined)}>
          Remove the logo
        </button>
      )}
      <p id={`${id}-help`} className="help">
        {error !== undefined && <b className="bad">{error} </b>}
        PNG, JPEG, WebP or GIF, at most 64 KiB.{isSet && " One is set."}
      </p>
    </div>
  );
}
