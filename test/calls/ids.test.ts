import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  callIdOfExecution,
  callIdSchema,
  clientIdSchema,
  newCallId,
  newClientId,
  participantId,
} from "../../calls/ids.ts";
import { CALL } from "../builders.ts";

const times = fc.nat({ max: 2 ** 48 - 1 });
const random = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe("a call id", () => {
  test("is a UUID of version 7: 48 bits of time, then the version, the variant and randomness", () => {
    const id = newCallId(0x0123456789ab, new Uint8Array(16).fill(0xff));
    expect(id).toBe("01234567-89ab-7fff-bfff-ffffffffffff");
    fc.assert(
      fc.property(times, random, (nowMs, bytes) => {
        const made = newCallId(nowMs, bytes);
        expect(callIdSchema.parse(made)).toBe(made);
        expect(Number.parseInt(made.replaceAll("-", "").slice(0, 12), 16)).toBe(nowMs);
        expect([made[14], "89ab".includes(made[19] ?? "?")]).toEqual(["7", true]);
      }),
    );
  });

  test("sorts by the start of its call", () => {
    fc.assert(
      fc.property(times, times, random, random, (one, other, bytes, otherBytes) => {
        fc.pre(one !== other);
        expect(newCallId(one, bytes) < newCallId(other, otherBytes)).toBe(one < other);
      }),
    );
  });

  test("leaves the given random bytes unchanged", () => {
    const bytes = new Uint8Array(16).fill(7);
    newCallId(1, bytes);
    expect(bytes).toEqual(new Uint8Array(16).fill(7));
  });

  test("needs 16 random bytes", () => {
    expect(() => newCallId(1, new Uint8Array(15))).toThrow("a UUID needs 16 random bytes, got 15");
  });
});

test("a client id is a UUID of version 4", () => {
  expect(newClientId(new Uint8Array(16))).toBe("00000000-0000-4000-8000-000000000000");
  expect(clientIdSchema.safeParse(newClientId(new Uint8Array(16).fill(0xff))).success).toBe(true);
});

test("an id in upper case, as CallKit writes UUIDs, is the same id", () => {
  const id = "01a3185c-abcd-7000-8000-00000000ef01";
  for (const schema of [callIdSchema, clientIdSchema]) {
    expect(schema.parse(id.toUpperCase())).toBe(id);
    expect(schema.parse("01A3185C-abcd-7000-8000-00000000eF01")).toBe(id);
  }
});

test("a participant id names call, leg and token, in at most the 64 characters that IVS takes", () => {
  expect(participantId(CALL, 2, 1)).toBe(`${CALL}-2-1`);
  expect(participantId(CALL, 12, 99_999)).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
});

describe("the name of an execution", () => {
  test("is its call's id, with a number if it is a repair", () => {
    for (const name of [CALL, `${CALL}-repair-1`, `${CALL}-repair-12`])
      expect(callIdOfExecution(name)).toBe(CALL);
  });

  test("with any other form is refused", () => {
    for (const name of ["", "nightly", `${CALL}-repair-`, `${CALL}-repair-1-repair-2`, CALL.toUpperCase()])
      expect(() => callIdOfExecution(name)).toThrow(/expected a call id/);
  });
});
