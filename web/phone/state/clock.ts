/** Time as the phone's state sees it: given by the browser, or by a test. */
export interface Clock {
  /** The server's time, as far as it is known: what replies call by a time is compared with this, never with the device's clock. */
  now(): number;
  /** Calls back once, after so many milliseconds. The returned function calls it off. */
  after(ms: number, callback: () => void): () => void;
}
