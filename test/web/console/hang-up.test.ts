/** An operator ends a call for everyone. */
import { expect, test } from "vitest";
import { type HangUpWorld, openHangUp, type SignIn } from "../../../web/console/state/hang-up.ts";

const OLIVIA: SignIn = { username: "olivia", password: "Olivia-looks-1" };
const CALL = { callId: "call-1", callerId: "alice" };

function hangingUp(more: Partial<HangUpWorld> = {}) {
  const ended: string[] = [];
  let signedIn = "";
  const hangUp = openHangUp(
    {
      isOperator: async () => signedIn === "olivia",
      async signIn({ username, password }) {
        if (password === "wrong") throw new Error("Incorrect username or password.");
        signedIn = username;
      },
      readyMade: async () => undefined,
      endCall: async (callId, clientId) => void ended.push(`${callId} as ${clientId}`),
      ...more,
    },
    CALL,
  );
  return { hangUp, ended };
}

test("no call ends before the operator confirms it", () => {
  const { hangUp, ended } = hangingUp();
  hangUp.ask();
  expect(hangUp.snapshot()).toEqual({ step: "asking" });
  hangUp.leave();
  expect(hangUp.snapshot()).toEqual({ step: "idle" });
  expect(ended).toEqual([]);
});

test("the ready-made operator of a local runtime is signed in without a form", async () => {
  const { hangUp, ended } = hangingUp({ readyMade: async () => OLIVIA });
  await hangUp.confirm();
  expect(ended).toEqual(["call-1 as alice"]);
  expect(hangUp.snapshot()).toEqual({ step: "ended" });
});

test("in a deployed stack an operator signs in first, and only once", async () => {
  const { hangUp, ended } = hangingUp();
  await hangUp.confirm();
  expect(hangUp.snapshot()).toEqual({ step: "signing-in", username: "" });
  await hangUp.signIn({ ...OLIVIA, password: "wrong" });
  expect(hangUp.snapshot()).toMatchObject({ step: "signing-in", problem: "Incorrect username or password." });
  await hangUp.signIn({ username: "alice", password: "Alice-calls-1" });
  expect(hangUp.snapshot()).toMatchObject({ problem: "alice is not an operator." });
  expect(ended).toEqual([]);
  await hangUp.signIn(OLIVIA);
  await hangUp.confirm();
  expect(ended).toHaveLength(2);
});

test("a refusal is shown with its reason", async () => {
  const problem = { status: 410, title: "The call is over" };
  const { hangUp } = hangingUp({ readyMade: async () => OLIVIA, endCall: async () => problem });
  await hangUp.confirm();
  expect(hangUp.snapshot()).toEqual({ step: "refused", problem });
});
