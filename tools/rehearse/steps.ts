/**
 * The steps of a rehearsal, told one a line. A step that fails names what the emulator lacks, in its own words; a step that needs it
 * is not played.
 */
export interface Step {
  readonly title: string;
  readonly outcome: "done" | "lacks" | "not played";
  /** What came out, or the emulator's words. */
  readonly said: string;
}

export interface Steps {
  readonly played: readonly Step[];
  /** Undefined if it failed. The report shows a text that the step resolves with in `said`. */
  play<T>(
    title: string,
    step: () => Promise<{ readonly value: T; readonly said: string }>,
  ): Promise<T | undefined>;
  skip(title: string): void;
}

const MARKS: Readonly<Record<Step["outcome"], string>> = {
  done: "done      ",
  lacks: "LACKS     ",
  "not played": "not played",
};

export function createSteps(print: (line: string) => void): Steps {
  const played: Step[] = [];
  function tell(step: Step): void {
    played.push(step);
    print(`${MARKS[step.outcome]}  ${step.title}${step.said === "" ? "" : `: ${step.said}`}`);
  }
  return {
    played,
    async play(title, step) {
      try {
        const { value, said } = await step();
        tell({ title, outcome: "done", said });
        return value;
      } catch (error) {
        tell({ title, outcome: "lacks", said: wordsOf(error) });
        return undefined;
      }
    },
    skip: (title) => tell({ title, outcome: "not played", said: "" }),
  };
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message } = error;
  return name === "Error" ? message : `${name}: ${message}`;
}
