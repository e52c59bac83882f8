/** What the doctor says of one thing. */
export type Verdict =
  /** A deployment fails on it. */
  | "fails"
  /** It could not be looked at, so nothing is known. Never taken for good. */
  | "unknown"
  /** A deployment succeeds, and something does less than an app in production needs. */
  | "limits"
  | "good";

export interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  /** What is there. */
  readonly what: string;
  /** Why it matters. */
  readonly why?: string;
  /** What mends it, to be pasted into a terminal. */
  readonly mend?: readonly string[];
}

export type Seen = Omit<Finding, "check">;

export const good = (what: string): Seen => ({ verdict: "good", what });
