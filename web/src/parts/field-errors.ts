import { type RefObject, useEffect, useId, useState } from "react";
import { ApiError } from "../api.ts";
import { isObject, type Json, type JsonObject } from "../schema.ts";

/** Ties the fields of a form to what the API says of it: `id` for the message, and what a field that is wrong gets. */
export function useFieldErrors(error: unknown): { readonly id: string; readonly wrong: (field: string) => object } {
  const id = useId();
  const fields = error instanceof ApiError ? [...error.fields.keys()] : [];
  const wrong = (field: string) =>
    fields.some((each) => each === field || each.startsWith(`${field}.`)) ? { "aria-invalid": true, "aria-describedby": id } : {};
  return { id, wrong };
}

/** What the API says of the fields of a form, by path, as long as they are what it was said of. */
export function useErrorsOf(error: unknown, config: JsonObject): ReadonlyMap<string, string> {
  const [refused, setRefused] = useState<{ readonly error: unknown; readonly config: JsonObject }>({ error: undefined, config });
  if (refused.error !== error) setRefused({ error, config });
  if (!(error instanceof ApiError)) return new Map();
  const isAsItWas = (path: string) => JSON.stringify(valueAt(config, path)) === JSON.stringify(valueAt(refused.config, path));
  return new Map([...error.fields].filter(([path]) => isAsItWas(path)));
}

/** Leads to the first field that is wrong, once it was refused: it may stand far above the button. */
export function useFirstWrong(form: RefObject<HTMLElement | null>, error: unknown): void {
  useEffect(() => {
    if (error instanceof ApiError && error.fields.size > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [form, error]);
}

/** @param path such as `assertions.0.text` */
function valueAt(config: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = config;
  for (const name of path.split(".")) value = Array.isArray(value) ? value[Number(name)] : isObject(value) ? value[name] : undefined;
  return value;
}
