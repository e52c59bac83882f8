/** Time as a phone sees it: given by the device, or by a test. */
export interface Clock {
  /** The server's time, as far as it is known: what replies call by a time is compared with this, never with the device's clock. */
  now(): number;
  /** Whether the server has said what time it is; a clock that does not tell knows. */
  isKnown?(): boolean;
  /** Calls back once, after so many milliseconds. The returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}

export const pause = (clock: Pick<Clock, "after">, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));
