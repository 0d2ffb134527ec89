import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { isObject, type JsonObject, mergePatchOf } from "../schema.ts";
import { busy } from "./busy.ts";
import { Conflict, ifMatch } from "./conflict.tsx";
import { useErrorsOf, useFirstWrong } from "./field-errors.ts";
import { mayDrop, useUnsaved } from "./unsaved.ts";

interface ObjectFormProps {
  /** As it was when the form was opened; what only shows how it is does not change, and is not sent. */
  readonly start: JsonObject;
  /** The query that lists such things. */
  readonly listKey: string;
  /** What the button says. */
  readonly verb: string;
  readonly note?: string;
  /** Makes it of all fields, or changes it by a merge patch. */
  readonly send: (fields: { config: JsonObject; patch: JsonObject; headers: Record<string, string> }) => Promise<unknown>;
  /** Closes the form; left out where it does not close. */
  readonly onDone?: () => void;
  readonly children: (form: {
    readonly config: JsonObject;
    readonly errors: ReadonlyMap<string, string>;
    readonly set: (config: JsonObject) => void;
  }) => React.ReactNode;
}

/** A form over what the API keeps: makes it, or changes it, and shows the API's own errors at their fields. */
export function ObjectForm({ start, listKey, verb, note, send, onDone, children }: ObjectFormProps) {
  const queries = useQueryClient();
  const [before] = useState(start);
  const [config, set] = useState(before);
  const save = useMutation({
    mutationFn: (isForced: boolean) => send({ config, patch: mergePatchOf(before, config), headers: ifMatch(before["version"], isForced) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: [listKey] });
      onDone?.();
    },
  });
  const form = useRef<HTMLFormElement>(null);
  const opensByPress = onDone !== undefined;
  useEffect(() => {
    // It may stand far below what opened it.
    if (opensByPress) form.current?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, [opensByPress]);
  const errors = useErrorsOf(save.error, config);
  useFirstWrong(form, save.error);
  const isChanged = !save.isSuccess && JSON.stringify(config) !== JSON.stringify(before);
  useUnsaved(isChanged);
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(false);
      }}
    >
      <Managed by={before["managed"]} />
      {children({ config, errors, set })}
      <Conflict
        error={save.error}
        onMine={() => save.mutate(true)}
        onTheirs={() => {
          void queries.invalidateQueries({ queryKey: [listKey] });
          onDone?.();
        }}
      />
      <div className="actions">
        <button type="submit" className="main" {...busy(save.isPending)}>
          {verb}
        </button>
        {onDone !== undefined && (
          <button type="button" onClick={() => mayDrop(isChanged) && onDone()}>
            Cancel
          </button>
        )}
        {note !== undefined && <span className="muted">{note}</span>}
      </div>
    </form>
  );
}

/** Where a thing comes from a file: what is changed here, the next apply takes back. */
export function Managed({ by }: { by: unknown }) {
  if (!isObject(by)) return null;
  return (
    <p className="notice">
      It comes from the files of project <b>{String(by["project"])}</b>, as {String(by["key"])}: the next apply takes back what is changed
      here.
    </p>
  );
}
