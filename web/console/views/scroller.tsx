/** What is wider than a phone scrolls by itself, also by keyboard. */
import type { ReactNode } from "react";

interface ScrollerProps {
  readonly label: string;
  readonly children: ReactNode;
}

export function Scroller({ label, children }: ScrollerProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without a stop here the keyboard cannot scroll it
    <section className="scroll-x" aria-label={label} tabIndex={0}>
      {children}
    </section>
  );
}
