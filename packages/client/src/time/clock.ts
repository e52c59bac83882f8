/** Time as a phone sees it: given by the device, or by a test. */
export interface Clock {
  /** The server's time, as far as it is known: what replies call by a time is compared with this, never with the device's clock. */
  now(): number;
  /** Whether the server has said what time it is; a clock that does not tell knows. */
  isKnown?(): boolean;
  /** Calls back once, after so many milliseconds. The returned function calls it off. `cut` is called instead if the clock ends before. */
  after(ms: number, callback: () => void, cut?: () => void): () => void;
}

/** `cut`: the clock has ended before, and nothing is to be waited for any more. */
export const pause = (clock: Pick<Clock, "after">, ms: number): Promise<"over" | "cut"> =>
  new Promise((resolve) => {
    clock.after(
      ms,
      () => resolve("over"),
      () => resolve("cut"),
    );
  });
