import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { answered, api } from "../api.ts";
import type { JsonObject } from "../schema.ts";
import { busy } from "./busy.ts";
import { Failure } from "./notices.tsx";

/** What a status page would show if it were published as the form has it. */
export function PagePreview({ config }: { config: JsonObject }) {
  const preview = useMutation({
    mutationFn: () => answered(api.POST("/status-page-preview", { body: config as never })), // the API says what is wrong with it
  });
  return (
    <div className="field">
      <button type="button" onClick={() => preview.mutate()} {...busy(preview.isPending)}>
        {preview.data === undefined ? "Preview" : "Preview again"}
      </button>
      <Failure error={preview.error} />
      {preview.data !== undefined && <PageFrame {...preview.data} logo={config["logo"]} />}
    </div>
  );
}

/** A document in a frame where nothing runs and nothing leads away. */
function PageFrame({ html, css, logo }: { html: string; css: string; logo: unknown }) {
  const frame = useRef<HTMLIFrameElement>(null);
  // Some browsers put an empty document of their own into a new frame, later.
  const [loads, setLoads] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each load has a document of its own
  useEffect(() => {
    const inside = frame.current?.contentDocument;
    const view = frame.current?.contentWindow as (Window & typeof globalThis) | null | undefined;
    if (!inside || !view) return;
    const made = new DOMParser().parseFromString(html, "text/html");
    for (const element of made.querySelectorAll("script, link")) element.remove();
    for (const link of made.querySelectorAll("a[href]")) link.removeAttribute("href");
    for (const image of made.querySelectorAll("header img")) image.setAttribute("src", String(logo));
    inside.replaceChild(inside.adoptNode(made.documentElement), inside.documentElement);
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(css);
    inside.adoptedStyleSheets = [sheet];
  }, [html, css, logo, loads]);
  return (
    <iframe
      ref={frame}
      title="Preview of the page"
      className="preview"
      sandbox="allow-same-origin"
      onLoad={() => setLoads((before) => before + 1)}
    />
  );
}
