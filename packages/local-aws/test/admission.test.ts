/** Requests beyond what one process can serve are refused before they have begun. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type Admission, createAdmission } from "../src/http-api/admission.ts";

let clock: Clock;
let admission: Admission;
let elsewhere: number;
let begun: number;
let finish: (() => void)[];

beforeEach(() => {
  clock = virtualClock();
  [elsewhere, begun, finish] = [0, 0, []];
  admission = createAdmission(clock, () => elsewhere);
});
afterEach(() => clock.dispose());

const request = (): Promise<string | undefined> =>
  admission.admit(() => {
    begun += 1;
    return new Promise<string>((resolve) => finish.push(() => resolve("served")));
  });

test("six run at once; the next begins when one has ended", async () => {
  const requests = Array.from({ length: 7 }, request);
  await clock.settle();
  expect(begun).toBe(6);
  finish[0]?.();
  await clock.settle();
  expect(begun).toBe(7);
  for (const end of finish) end();
  expect(await Promise.all(requests)).toEqual(Array.from({ length: 7 }, () => "served"));
});

test("who has waited for two seconds is refused, and never begins", async () => {
  const requests = Array.from({ length: 8 }, request);
  await clock.advance(1_999);
  finish[0]?.();
  await clock.settle();
  await clock.advance(1);
  expect(await requests[7]).toBeUndefined();
  for (const end of finish) end();
  await clock.settle();
  expect(begun).toBe(7);
});

test("who comes when a hundred wait is refused at once, and told to come later than when few wait", async () => {
  const few = admission.retryAfterSeconds();
  const requests = Array.from({ length: 100 }, request);
  await clock.settle();
  requests.push(...Array.from({ length: 6 }, request));
  const late = await Promise.race([request(), clock.settle().then(() => "waits")]);
  expect(late).toBeUndefined();
  expect(few).toBe(1);
  expect(admission.retryAfterSeconds()).toBe(6);
  await clock.advance(2_000);
  for (const end of finish) end();
  expect((await Promise.all(requests)).filter((reply) => reply === "served")).toHaveLength(6);
});

test("none begins while functions that events have started have enough to do", async () => {
  elsewhere = 24;
  const waiting = request();
  await clock.advance(1_000);
  expect(begun).toBe(0);
  elsewhere = 23;
  await clock.advance(100);
  expect(begun).toBe(1);
  finish[0]?.();
  expect(await waiting).toBe("served");
});
