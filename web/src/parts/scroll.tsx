import { useEffect, useRef, useState } from "react";

/** What may be wider than the page: a stop of the keyboard where it is, so that arrows move it. */
export function Scroll({ label, children }: { label: string; children: React.ReactNode }) {
  const area = useRef<HTMLElement>(null);
  const [isWide, setWide] = useState(false);
  useEffect(() => {
    const { current } = area;
    if (current === null) return;
    const measure = () => setWide(current.scrollWidth > current.clientWidth);
    const sizes = new ResizeObserver(measure);
    sizes.observe(current);
    for (const child of current.children) sizes.observe(child);
    return () => sizes.disconnect();
  }, []);
  return (
    <section ref={area} className="scroll" aria-label={label} {...(isWide && { tabIndex: 0 })}>
      {children}
    </section>
  );
}
