/** Copies an id, an ARN or a payload in one click, and says so. */
import { useState } from "react";

interface CopyProps {
  /** A text as it is; anything else as JSON. */
  readonly value: unknown;
  /** What is copied, for who hears the button: `call id`. */
  readonly what: string;
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, undefined, 2);

function useCopy(value: unknown): { readonly word: string | undefined; readonly copy: () => void } {
  const [word, say] = useState<string>();
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(textOf(value));
      say("Copied");
    } catch {
      // A browser may forbid it, such as on a page without TLS.
      say("Not allowed here");
    }
  };
  return { word, copy: () => void copy() };
}

/** A small sign behind what it copies. */
export function Copy({ value, what }: CopyProps) {
  const { word, copy } = useCopy(value);
  return (
    <button type="button" className="copy" onClick={copy} title={`Copy the ${what}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
        <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
      </svg>
      <span className="visually-hidden">Copy the {what}</span>
      <span className="copy-word" aria-live="polite">
        {word}
      </span>
    </button>
  );
}

/** A button with words, for what is too long to stand before it. */
export function CopyButton({ value, what }: CopyProps) {
  const { word, copy } = useCopy(value);
  return (
    <button type="button" className="button small" onClick={copy} aria-live="polite">
      {word ?? `Copy ${what}`}
    </button>
  );
}

/** An id, an ARN: what it says, and the way to copy it. */
export function Copyable({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <span className="copyable">
      <code>{text}</code>
      <Copy value={text} what={what} />
    </span>
  );
}
