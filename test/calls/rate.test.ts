import { expect, test } from "vitest";
import { attempt, type Rate } from "../../calls/rate.ts";
import { at } from "../builders.ts";

const LIMIT = { attempts: 3, windowSeconds: 60 };

test("the first attempt opens a window, with room for the rest of the limit", () => {
  let rate: Rate | undefined;
  for (const second of [0, 1, 59]) {
    const decision = attempt(rate, LIMIT, at(second));
    if (!decision.allowed) throw new Error(`refused in second ${second}`);
    rate = decision.rate;
  }
  expect(rate).toEqual({ sinceMs: at(0), count: 3 });
  expect(attempt(rate, LIMIT, at(59))).toEqual({ allowed: false, retryAfterSeconds: 1 });
});

test("a refusal contains the whole seconds until the window ends, and then a new window begins", () => {
  const full = { sinceMs: at(0), count: 3 };
  expect(attempt(full, LIMIT, at(0))).toEqual({ allowed: false, retryAfterSeconds: 60 });
  expect(attempt(full, LIMIT, at(60) - 1)).toEqual({ allowed: false, retryAfterSeconds: 1 });
  expect(attempt(full, LIMIT, at(60))).toEqual({ allowed: true, rate: { sinceMs: at(60), count: 1 } });
});

test("a window that was not used up ends as well", () => {
  expect(attempt({ sinceMs: at(0), count: 1 }, LIMIT, at(61))).toEqual({
    allowed: true,
    rate: { sinceMs: at(61), count: 1 },
  });
});
