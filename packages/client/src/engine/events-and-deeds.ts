/** What can happen to a phone, and what it may do about it. */
import type { Ending, MediaKind } from "../wire/contract.ts";
import type { Problem } from "../wire/problem.ts";
import type { CallFacts } from "./call-facts.ts";
import type { Push } from "../wire/pushes.ts";
import type { Other, PhoneState } from "./screen.ts";

/**
 * How a phone lost the stage: its connection broke; the same token was used somewhere else, so this page is not to come back;
 * or the stage threw it out, for a reason that the server knows.
 */
export type Loss = "broken" | "moved" | "thrown-out";

export type PhoneEvent =
  | {
      readonly is: "dialled";
      readonly other: Other;
      readonly media: MediaKind;
      readonly more?: readonly string[];
    }
  | { readonly is: "admitted"; readonly dial: number; readonly facts: CallFacts; readonly token: string }
  | { readonly is: "refused"; readonly dial: number; readonly problem: Problem }
  /** `timeKnown`: the server has said what time it is, so that a push may be said to have expired. */
  | { readonly is: "pushed"; readonly push: Push; readonly timeKnown: boolean }
  /** `getCall` could not be reached, or takes its time: the push has to do. */
  | { readonly is: "unread"; readonly push: Push; readonly sinceMs: number }
  /** `getCall` has refused: there is no such call, or it is none of this phone's. */
  | { readonly is: "refused-push"; readonly callId: string; readonly problem: Problem }
  | { readonly is: "updated"; readonly facts: CallFacts }
  /** Asked for: by a push, at the start of the page, or because the user wants to go back to the call. */
  | {
      readonly is: "found";
      readonly facts: CallFacts;
      readonly name?: string | undefined;
      readonly resume: boolean;
      readonly takeOver?: boolean | undefined;
    }
  | { readonly is: "joined"; readonly facts: CallFacts; readonly token: string }
  | { readonly is: "not-joined"; readonly callId: string; readonly problem: Problem; readonly again: boolean }
  | { readonly is: Button }
  /** The second call is answered, which ends the first, or declined. */
  | { readonly is: "answer-waiting" | "decline-waiting" }
  /** Back to a call that this phone has left, or that another phone of the same person is in. */
  | { readonly is: "return"; readonly callId: string; readonly takeOver: boolean }
  /** The server's time is known now: what was reckoned by the device's clock moves along. */
  | { readonly is: "clock-set"; readonly byMs: number }
  | { readonly is: "stage-connected"; readonly callId: string }
  | { readonly is: "stage-lost"; readonly callId: string; readonly how: Loss }
  /** The other side is no longer on the stage. */
  | { readonly is: "alone"; readonly callId: string }
  | { readonly is: "ring-over"; readonly callId: string }
  | { readonly is: "told-ending"; readonly callId: string; readonly ending: Ending };

/** What is to be done about it, in order. */
export type Deed =
  | { readonly do: "prepare"; readonly media: MediaKind }
  | {
      readonly do: "initiate";
      readonly dial: number;
      readonly other: Other;
      readonly media: MediaKind;
      /** Clients that ring beside the other one. */
      readonly more?: readonly string[] | undefined;
    }
  | {
      readonly do: "look";
      readonly callId: string;
      readonly push?: Push;
      readonly resume: boolean;
      readonly takeOver?: boolean | undefined;
    }
  | { readonly do: "acknowledge" | "answer" | "decline" | "end"; readonly callId: string }
  | {
      readonly do: "rejoin";
      readonly callId: string;
      readonly afterMs: number;
      readonly takeOver?: boolean | undefined;
    }
  | { readonly do: "join"; readonly callId: string; readonly token: string }
  | { readonly do: "watch-ring"; readonly callId: string; readonly atMs: number }
  | { readonly do: "leave" };

export interface Step {
  readonly state: PhoneState;
  readonly deeds: readonly Deed[];
}

/** What is on the screen to be pressed. */
export type Button = "answer" | "decline" | "hang-up" | "dismiss" | "go-back";
