import { useId } from "react";
import { ApiError } from "../api.ts";

/** Ties the fields of a form to what the API says of it: `id` for the message, and what a field that is wrong gets. */
export function useFieldErrors(error: unknown): { readonly id: string; readonly wrong: (field: string) => object } {
  const id = useId();
  const fields = error instanceof ApiError ? [...error.fields.keys()] : [];
  const wrong = (field: string) =>
    fields.some((each) => each === field || each.startsWith(`${field}.`)) ? { "aria-invalid": true, "aria-describedby": id } : {};
  return { id, wrong };
}
