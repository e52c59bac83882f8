/** What a person may do, after what they did lately (C1, C2). */
import { describe, expect, test } from "vitest";
import { type Deed, DEEDS, isRefused, limitOf, oneMore, standingSchema } from "../../calls/standing.ts";
import { at } from "../builders.ts";

const LIMITS = { calls: 10, registrations: 30, deletions: 10 };
const deeds = Object.keys(DEEDS) as Deed[];

describe.each(deeds)("%s", (deed) => {
  const { windowSeconds } = DEEDS[deed];
  const most = LIMITS[deed];

  test("the last one within the limit is counted, and the next waits for the end of the window", () => {
    const seen = { sinceMs: at(0), count: most - 1 };
    expect(oneMore({ [deed]: seen }, deed, most, at(10))).toEqual({
      allowed: true,
      rate: { sinceMs: at(0), count: most },
    });
    const full = { [deed]: { ...seen, count: most } };
    expect(oneMore(full, deed, most, at(10))).toEqual({
      allowed: false,
      retryAfterSeconds: windowSeconds - 10,
    });
    expect(oneMore(full, deed, most, at(windowSeconds))).toMatchObject({ allowed: true, rate: { count: 1 } });
  });

  test("is not limited by the person's other deeds", () => {
    const others = Object.fromEntries(
      deeds.filter((other) => other !== deed).map((other) => [other, { sinceMs: at(0), count: 1_000 }]),
    );
    expect(oneMore(others, deed, most, at(1))).toMatchObject({ allowed: true });
  });

  test("has a limit for operators too, ten times higher", () => {
    expect(limitOf(LIMITS, deed, { operator: false })).toBe(most);
    expect(limitOf(LIMITS, deed, { operator: true })).toBe(10 * most);
  });
});

test("a refusal ends at its time", () => {
  const standing = { refusedUntilMs: at(60) };
  expect([at(59), at(60)].map((nowMs) => isRefused(standing, nowMs))).toEqual([true, false]);
  expect(isRefused({}, at(0))).toBe(false);
});

test("members that this version does not know are kept", () => {
  expect(standingSchema.parse({ defaultClientId: "one" })).toEqual({ defaultClientId: "one" });
});
