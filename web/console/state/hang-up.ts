/**
 * Ends a call for everyone, as an operator: asks once, signs in once a tab, then sends the command that phones send too. It
 * kills nothing: the call ends, its phones learn that an operator ended it, and its workflow goes on to its end.
 */
import type { Problem } from "./live.ts";

export type HangUp =
  | { readonly step: "idle" }
  | { readonly step: "asking" }
  | { readonly step: "signing-in"; readonly username: string; readonly problem?: string }
  | { readonly step: "ending" }
  | { readonly step: "ended" }
  | { readonly step: "refused"; readonly problem: Problem };

export interface SignIn {
  readonly username: string;
  readonly password: string;
}

export interface HangUpWorld {
  /** A signed-in user may end calls. */
  isOperator(): Promise<boolean>;
  /** Throws what Cognito says. */
  signIn(who: SignIn): Promise<void>;
  /** Of a local runtime: an operator whose password is no secret. */
  readyMade(): Promise<SignIn | undefined>;
  endCall(callId: string, clientId: string): Promise<Problem | undefined>;
}

export interface HangingUp {
  readonly subscribe: (changed: () => void) => () => void;
  readonly snapshot: () => HangUp;
  readonly ask: () => void;
  readonly leave: () => void;
  readonly confirm: () => Promise<void>;
  readonly signIn: (who: SignIn) => Promise<void>;
}

export interface Whom {
  readonly callId: string;
  readonly callerId: string;
}

export function openHangUp(world: HangUpWorld, { callId, callerId }: Whom): HangingUp {
  const watchers = new Set<() => void>();
  let now: HangUp = { step: "idle" };
  const go = (next: HangUp): void => {
    now = next;
    for (const watcher of watchers) watcher();
  };
  const end = async (): Promise<void> => {
    go({ step: "ending" });
    const problem = await world.endCall(callId, callerId);
    go(problem ? { step: "refused", problem } : { step: "ended" });
  };
  const enter = async (who: SignIn): Promise<string | undefined> => {
    try {
      await world.signIn(who);
    } catch (error) {
      // Cognito's refusals are for people: a wrong password, an unknown user.
      return error instanceof Error ? error.message : String(error);
    }
    return (await world.isOperator()) ? undefined : `${who.username} is not an operator.`;
  };

  return {
    subscribe(changed) {
      watchers.add(changed);
      return () => void watchers.delete(changed);
    },
    snapshot: () => now,
    ask: () => go({ step: "asking" }),
    leave: () => go({ step: "idle" }),
    async confirm() {
      go({ step: "ending" });
      if (await world.isOperator()) return end();
      const known = await world.readyMade();
      const refusal = known ? await enter(known) : "";
      if (refusal === undefined) return end();
      go({ step: "signing-in", username: known?.username ?? "", ...(refusal && { problem: refusal }) });
    },
    async signIn(who) {
      go({ step: "ending" });
      const refusal = await enter(who);
      if (refusal === undefined) return end();
      go({ step: "signing-in", username: who.username, problem: refusal });
    },
  };
}
