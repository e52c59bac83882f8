/** Time as the phone's state sees it: given by the browser, or by a test. */
export interface Clock {
  now(): number;
  /** Calls back once, after so many milliseconds. The returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}
