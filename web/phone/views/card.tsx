/** A page with one thing to do: signing in, a code, a name. */
import type { ReactNode } from "react";
import { Ring } from "../../look/ring.tsx";
import "./card.css";

interface CardProps {
  readonly title: string;
  readonly wrong?: string | undefined;
  readonly children: ReactNode;
}

export function Card({ title, wrong, children }: CardProps) {
  return (
    <main className="card">
      <Ring state="idle" size={72} />
      <h1>{title}</h1>
      {wrong && (
        <p className="notice wrong" role="alert">
          {wrong}
        </p>
      )}
      {children}
    </main>
  );
}
