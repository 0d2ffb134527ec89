import { useEffect } from "react";

const QUESTION = "What you have written is not saved. Leave it?";

/** Asks before what was written is left behind: by a link, by closing the tab, by loading it anew. */
export function useUnsaved(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    const keep = (event: BeforeUnloadEvent) => event.preventDefault();
    const ask = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      const leaves = link instanceof HTMLAnchorElement && link.target === "" && link.origin === location.origin && !link.hash;
      if (!leaves || event.ctrlKey || event.metaKey || event.shiftKey || confirm(QUESTION)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("beforeunload", keep);
    // Before the router hears of it.
    document.addEventListener("click", ask, true);
    return () => {
      removeEventListener("beforeunload", keep);
      document.removeEventListener("click", ask, true);
    };
  }, [isUnsaved]);
}

/** Whether what was written may be thrown away. */
export function mayDrop(isUnsaved: boolean): boolean {
  return !isUnsaved || confirm(QUESTION);
}
