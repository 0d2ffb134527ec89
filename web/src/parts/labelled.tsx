import { useId } from "react";
import { type Json, labelOf, type Schema } from "../schema.ts";

export interface FieldProps {
  readonly name: string;
  readonly schema: Schema;
  /** As the API names it in errors: `assertions.0.text`. */
  readonly path: string;
  readonly value: Json | undefined;
  readonly isRequired?: boolean;
  readonly errors: ReadonlyMap<string, string>;
  readonly onChange: (value: Json | undefined) => void;
}

/** Label, control, what the API says of the field, and what is wrong with it. @param label its name's words when left out */
export function Labelled({
  field: { name, schema, path, isRequired, errors },
  label = labelOf(name),
  children,
}: {
  field: FieldProps;
  label?: string;
  children: (ids: { id: string; "aria-describedby": string; "aria-invalid": boolean; required: boolean }) => React.ReactNode;
}) {
  const id = useId();
  const error = errors.get(path);
  return (
    <div className="field">
      <label htmlFor={id}>
        {label}
        {isRequired && <span aria-hidden="true"> *</span>}
      </label>
      {children({ id, "aria-describedby": `${id}-help`, "aria-invalid": error !== undefined, required: isRequired === true })}
      <p id={`${id}-help`} className="help">
        {error !== undefined && <b className="bad">{error} </b>}
        {schema.description}
      </p>
    </div>
  );
}
