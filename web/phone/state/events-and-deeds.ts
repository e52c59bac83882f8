/** What can happen to a phone, and what it may do about it. */
import type { Media } from "../../../calls/call.ts";
import type { CallFacts } from "./call-facts.ts";
import type { Ending } from "./endings.ts";
import type { Problem } from "./commands.ts";
import type { Push } from "./pushes.ts";
import type { Other, PhoneState } from "./screen.ts";

/**
 * How a phone lost the stage: its connection broke; the same token was used somewhere else, so this page is not to come back;
 * or the stage threw it out, for a reason that the server knows.
 */
export type Loss = "broken" | "moved" | "thrown-out";

export type PhoneEvent =
  | { readonly is: "dialled"; readonly other: Other; readonly media: Media }
  | { readonly is: "admitted"; readonly dial: number; readonly facts: CallFacts; readonly token: string }
  | { readonly is: "refused"; readonly dial: number; readonly problem: Problem }
  | { readonly is: "pushed"; readonly push: Push }
  /** `getCall` could not be reached: the push has to do. */
  | { readonly is: "unread"; readonly push: Push; readonly sinceMs: number }
  | { readonly is: "updated"; readonly facts: CallFacts }
  /** Asked for: by a push, at the start of the page, or because the user wants to go back to the call. */
  | {
      readonly is: "found";
      readonly facts: CallFacts;
      readonly name?: string | undefined;
      readonly resume: boolean;
    }
  | { readonly is: "joined"; readonly facts: CallFacts; readonly token: string }
  | { readonly is: "not-joined"; readonly callId: string; readonly problem: Problem; readonly again: boolean }
  | { readonly is: Button }
  | { readonly is: "stage-connected"; readonly callId: string }
  | { readonly is: "stage-lost"; readonly callId: string; readonly how: Loss }
  /** The other side is no longer on the stage. */
  | { readonly is: "alone"; readonly callId: string }
  | { readonly is: "ring-over"; readonly callId: string }
  | { readonly is: "told-ending"; readonly callId: string; readonly ending: Ending };

/** What is to be done about it, in order. */
export type Deed =
  | { readonly do: "prepare"; readonly media: Media }
  | { readonly do: "initiate"; readonly dial: number; readonly other: Other; readonly media: Media }
  | { readonly do: "look"; readonly callId: string; readonly push?: Push; readonly resume: boolean }
  | { readonly do: "acknowledge" | "answer" | "decline" | "end"; readonly callId: string }
  | { readonly do: "rejoin"; readonly callId: string; readonly afterMs: number }
  | { readonly do: "join"; readonly callId: string; readonly token: string }
  | { readonly do: "watch-ring"; readonly callId: string; readonly atMs: number }
  | { readonly do: "leave" };

export interface Step {
  readonly state: PhoneState;
  readonly deeds: readonly Deed[];
}

/** What is on the screen to be pressed. */
export type Button = "answer" | "decline" | "hang-up" | "dismiss" | "go-back";
