/** The button that hangs up for everybody; it asks once. */
import { type SubmitEvent, useMemo, useSyncExternalStore } from "react";
import type { StoredCall } from "../state/facts.ts";
import { type HangingUp, type HangUp, openHangUp } from "../state/hang-up.ts";
import { operatorOf } from "./operator.ts";
import { useWorld } from "./world.tsx";

export function EndCall({ call: { callId, callerId } }: { readonly call: StoredCall }) {
  const { stack } = useWorld();
  const hangUp = useMemo(
    () => openHangUp(operatorOf(stack), { callId, callerId }),
    [stack, callId, callerId],
  );
  const now = useSyncExternalStore(hangUp.subscribe, hangUp.snapshot);
  return (
    <section className="end-call" aria-label="End this call">
      <Asking now={now} hangUp={hangUp} />
    </section>
  );
}

function Asking({ now, hangUp }: { readonly now: HangUp; readonly hangUp: HangingUp }) {
  switch (now.step) {
    case "idle":
      return (
        <button type="button" className="button" onClick={hangUp.ask}>
          End call
        </button>
      );
    case "asking":
      return (
        <>
          <p id="end-what">Hang up for everybody in this call?</p>
          <button
            type="button"
            className="button act"
            aria-describedby="end-what"
            ref={(button) => button?.focus()}
            onClick={() => void hangUp.confirm()}
          >
            Hang up
          </button>
          <button type="button" className="button" onClick={hangUp.leave}>
            Leave it
          </button>
        </>
      );
    case "ending":
      return <output>Hanging up</output>;
    case "ended":
      return <output>Hung up. Its workflow goes on to its end.</output>;
    case "refused":
      return (
        <>
          <p role="alert" className="wrong">
            {now.problem.title}
            {now.problem.detail && `: ${now.problem.detail}`}
          </p>
          <button type="button" className="button" onClick={hangUp.ask}>
            Try again
          </button>
        </>
      );
    case "signing-in":
      return <SignInForm now={now} hangUp={hangUp} />;
  }
}

interface SignInFormProps {
  readonly now: Extract<HangUp, { step: "signing-in" }>;
  readonly hangUp: HangingUp;
}

function SignInForm({ now, hangUp }: SignInFormProps) {
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    void hangUp.signIn({ username: text("username"), password: text("password") });
  };
  return (
    <form onSubmit={submit}>
      <p>Sign in as an operator to hang up.</p>
      {now.problem !== undefined && (
        <p role="alert" className="wrong">
          {now.problem}
        </p>
      )}
      <label className="field">
        <span>User name</span>
        <input name="username" autoComplete="username" required defaultValue={now.username} />
      </label>
      <label className="field">
        <span>Password</span>
        <input name="password" type="password" autoComplete="current-password" required />
      </label>
      <button type="submit" className="button act">
        Sign in and hang up
      </button>
      <button type="button" className="button" onClick={hangUp.leave}>
        Leave it
      </button>
    </form>
  );
}
