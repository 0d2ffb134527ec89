import { useEffect } from "react";

const QUESTION = "What you have written is not saved. Leave it?";

/** Forms that hold what is not saved, with where each is. */
const unsaved = new Map<object, string>();

// Before the router hears of it, and so before it is mounted: on a window, listeners are called as they were added. The
// browser has gone already, and who stays is led back to where they were.
addEventListener("popstate", (event) => {
  const here = [...unsaved.values()].find((each) => each !== location.href);
  if (here === undefined || mayLeave()) return;
  event.stopImmediatePropagation();
  history.pushState(null, "", here);
});

/** Asks before what was written is left behind: by a link, by going back, by closing the tab, by loading it anew. */
export function useUnsaved(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return;
    const form = {};
    unsaved.set(form, location.href);
    const keep = (event: BeforeUnloadEvent) => event.preventDefault();
    const ask = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      const leaves = link instanceof HTMLAnchorElement && link.target === "" && link.origin === location.origin && !link.hash;
      if (!leaves || event.ctrlKey || event.metaKey || event.shiftKey || mayLeave()) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener("beforeunload", keep);
    // Before the router hears of it.
    document.addEventListener("click", ask, true);
    return () => {
      unsaved.delete(form);
      removeEventListener("beforeunload", keep);
      document.removeEventListener("click", ask, true);
    };
  }, [isUnsaved]);
}

/** Whether what was written, in whatever form, may be thrown away. */
export function mayLeave(): boolean {
  return unsaved.size === 0 || confirm(QUESTION);
}

/** Whether what was written in one form may be. */
export function mayDrop(isUnsaved: boolean): boolean {
  return !isUnsaved || confirm(QUESTION);
}
