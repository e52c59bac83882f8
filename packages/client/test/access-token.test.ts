/** An app that has no access token to give: nobody is signed in, or the sign-in cannot be renewed. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PhoneError } from "../src/index.ts";
import { answered, FIRST, NOW_MS, phoneAlone, push, wait } from "./phone-alone.ts";

beforeEach(() => void vi.useFakeTimers({ now: NOW_MS }));
afterEach(() => void vi.useRealTimers());

const signedOut = new Error("No user is signed in.");

function signIn() {
  const given = { asked: 0, works: true };
  const accessToken = async (): Promise<string> => {
    given.asked += 1;
    if (!given.works) throw signedOut;
    return "token";
  };
  return { given, accessToken };
}

test("what the user asked for fails at once, with the app's error as its cause", async () => {
  const { given, accessToken } = signIn();
  const { phone, sent } = await phoneAlone({ accessToken });
  given.works = false;
  const [asked, requests] = [given.asked, sent.length];
  const failed = await phone.register().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(PhoneError);
  expect(failed).toMatchObject({ problem: { code: "access_token_failed" }, cause: signedOut });
  await expect(phone.send("listCalls", { clientId: "bob" })).rejects.toMatchObject({ cause: signedOut });
  await expect(phone.ask("{ myPerson { id } }")).rejects.toMatchObject({ cause: signedOut });
  const call = phone.call("carol");
  await wait();
  expect(call.snapshot()).toMatchObject({
    state: "ended",
    reason: "problem",
    problem: { code: "access_token_failed", cause: signedOut },
  });
  expect([given.asked, sent.length]).toEqual([asked + 4, requests]);
});

test("a call rings by its push all the same", async () => {
  const { given, accessToken } = signIn();
  const { phone, calls } = await phoneAlone({ accessToken });
  given.works = false;
  calls.set(FIRST, { status: "ringing", mine: "invited" });
  await phone.handlePush(push(FIRST));
  await wait();
  expect(phone.snapshot().call?.state).toBe("ringing");
});

test("what the other side has to hear is said once there is a token again: renewing it may need the network", async () => {
  const { given, accessToken } = signIn();
  const { phone, sent } = await answered({ accessToken });
  const { call } = phone.snapshot();
  given.works = false;
  const done = call?.hangUp();
  await wait(1_000);
  expect(sent).not.toContain(`endCall ${FIRST}`);
  given.works = true;
  await wait(5_000);
  await done;
  expect([sent.at(-1), call?.reason]).toEqual([`endCall ${FIRST}`, "completed"]);
});
