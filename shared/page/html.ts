import htm from "htm";
import { h, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";

type Html = (strings: TemplateStringsArray, ...values: unknown[]) => VNode;

/** Markup with values in it, each of them escaped: `html\`<p>${text}</p>\``. */
export const html = (htm as unknown as { bind: (create: typeof h) => Html }).bind(h); // its types are of a module that Node does not see

/** A whole document. @param body made by {@link html} */
export function documentOf(body: VNode): string {
  return `<!doctype html>${renderToString(body)}`;
}

/** A text of several lines, each on a line of its own. */
export function lines(text: string): unknown[] {
  return text.split(/\r?\n/).map((line, index) => [index > 0 && html`<br />`, line]);
}
