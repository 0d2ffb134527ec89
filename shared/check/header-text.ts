import type { HttpResponse } from "../net/http-exchange.ts";
import { utf8Characters } from "../text/utf8-characters.ts";

/** A header of an answer as text, its values with commas; `undefined` where there is none. @param name in any case */
export function headerOf({ headers }: HttpResponse, name: string): string | undefined {
  const lower = name.toLowerCase();
  const header = Object.hasOwn(headers, lower) ? headers[lower] : undefined;
  return header === undefined ? undefined : utf8Characters([header].flat().join(", "));
}
