import { useEffect } from "react";

/** A screen's heading, and the name of its tab. */
export function Title({ children: text, className }: { children: string; className?: string }) {
  useTabTitle(text);
  return <h1 className={className}>{text}</h1>;
}

/** Names the tab, where the heading is more than a text. */
export function useTabTitle(text: string): void {
  useEffect(() => {
    document.title = text === "" ? "Server Tracker" : `${text} – Server Tracker`;
  }, [text]);
}
