/** What a checker is given, and what it may say. The rules are in checkers.ts. */
import type { Asked, People } from "./people.ts";
import type { ModelStack, StackObserver } from "./stack.ts";

export const RULES = [
  "Y1",
  "Y2",
  "Y3",
  "Y4",
  "Y5",
  "Y6",
  "Y7",
  "Y8",
  "Y9",
  "Y10",
  "Y11",
  "Y12",
  "Y13",
] as const;
export type RuleName = (typeof RULES)[number];

export interface Violation {
  readonly rule: RuleName;
  readonly text: string;
  readonly callId?: string | undefined;
}

/** What a checker works with. */
export interface Checking {
  readonly stack: ModelStack;
  /** AWS works: only people and phones are unreliable. */
  readonly awsWorks: boolean;
  /** All requests, also those without a reply yet. */
  readonly asked: readonly Asked[];
  readonly report: (rule: RuleName, text: string, callId?: string) => void;
}

/** A checker watches what happens, and concludes when all is over. */
export interface Checker extends StackObserver {
  onAsked?(asked: Asked): void;
  conclude?(people: People): Promise<void> | void;
}
export type OpenChecker = (checking: Checking) => Checker;

export interface About {
  readonly callId?: string;
  readonly clientId?: string;
}

/** Somebody has sent such a request; one that names no call may mean this one. */
export const hasAsked = (
  { asked }: Checking,
  acts: readonly Asked["act"][],
  { callId, clientId }: About,
): boolean =>
  asked.some(
    (one) =>
      acts.includes(one.act) &&
      (clientId === undefined || one.clientId === clientId) &&
      (one.callId === undefined || one.callId === callId),
  );
