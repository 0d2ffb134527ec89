import { useOverview } from "../queries.ts";
import { type Json, labelOf } from "../schema.ts";
import { type FieldProps, Labelled } from "./labelled.tsx";

/** Targets by name; what is chosen and no longer there is shown by its id. */
function Options({ chosen }: { chosen: string }) {
  const { data } = useOverview();
  const targets = data?.targets ?? [];
  return (
    <>
      <option value="">choose a target</option>
      {chosen !== "" && !targets.some(({ id }) => id === chosen) && <option value={chosen}>{chosen}</option>}
      {targets
        .toSorted((a, b) => a.name.localeCompare(b.name))
        .map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
    </>
  );
}

/** One target. */
export function TargetField(props: FieldProps) {
  const { name, value, onChange } = props;
  const chosen = typeof value === "string" ? value : "";
  return (
    <Labelled field={props} label={name === "id" ? "Target" : labelOf(name)}>
      {(ids) => (
        <select {...ids} value={chosen} onChange={(event) => onChange(event.currentTarget.value || undefined)}>
          <Options chosen={chosen} />
        </select>
      )}
    </Labelled>
  );
}

/** A list of targets. */
export function TargetsField({ name, schema, path, value, errors, onChange }: FieldProps) {
  const { data } = useOverview();
  const chosen = Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : [];
  const nameOf = (id: string) => data?.targets.find((target) => target.id === id)?.name ?? id;
  const set = (next: Json[]) => onChange(next.length === 0 ? undefined : next);
  const wrong = [...errors].filter(([field]) => field === path || field.startsWith(`${path}.`));
  return (
    <fieldset className="field">
      <legend>{labelOf(name)}</legend>
      {chosen.map((id) => (
        <div key={id} className="bar">
          <span className="breakable">{nameOf(id)}</span>
          <button type="button" onClick={() => set(chosen.filter((each) => each !== id))}>
            Remove <span className="unseen">{nameOf(id)}</span>
          </button>
        </div>
      ))}
      <select
        aria-label={`Add to ${labelOf(name).toLowerCase()}`}
        value=""
        onChange={(event) => {
          const id = event.currentTarget.value;
          if (id !== "" && !chosen.includes(id)) set([...chosen, id]);
        }}
      >
        <Options chosen="" />
      </select>
      <p className="help">
        {wrong.map(([field, message]) => (
          <b key={field} className="bad">
            {message}{" "}
          </b>
        ))}
        {schema.description}
      </p>
    </fieldset>
  );
}
