/** Each checker fires: somebody meddles with a stack that is otherwise in order, or leaves out a part of it. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Call } from "../../calls/call.ts";
import { functionEnvironment } from "../function-environment.ts";
import { RULES, type RuleName } from "./checking.ts";
import type { Handlers } from "./function-runs.ts";
import { loadHandlers } from "./handlers.ts";
import type { run as runOf, RunOptions } from "./run.ts";
import type { ModelStack } from "./stack.ts";
import { callsOf } from "./stored.ts";

let [handlers, run]: [Handlers, typeof runOf] = [{}, undefined as never];
beforeAll(async () => {
  handlers = await loadHandlers();
  ({ run } = await import("./run.ts"));
});

const CALLS = functionEnvironment.CALLS_TABLE;
type Meddle = (stack: ModelStack) => void;

/** Every second, until it has found what it needs. */
const watching =
  (attempt: (stack: ModelStack, calls: readonly Call[]) => boolean): Meddle =>
  (stack) => {
    const { time } = stack;
    const look = (): void => {
      if (!attempt(stack, callsOf(stack))) time.at(time.now() + 1_000, look);
    };
    time.at(time.now() + 1_000, look);
  };

/** Writes over the record of the first call that fits. */
const rewriting = (fits: (call: Call) => boolean, change: (call: Call) => object): Meddle =>
  watching(({ dynamodb }, calls) => {
    const found = calls.find(fits);
    if (!found) return false;
    dynamodb.run("Put", { TableName: CALLS, Item: { ...found, ...change(found) } });
    return true;
  });

const isTalking = ({ status }: Call): boolean => status === "answered";
const isClosed = ({ cleanedUpAtMs, stage }: Call): boolean =>
  cleanedUpAtMs !== undefined && stage !== undefined;
const arnIn = ({ stage }: Call): string => String((stage as { arn?: string }).arn);

/** A token as the stack would sign it for that participant. */
const tokenFor = (call: Call, participantId: string, stack: ModelStack): string => {
  const claims = {
    exp: stack.time.now() / 1000 + 600,
    jti: participantId,
    resource: arnIn(call),
    user_id: call.callerId,
    attributes: { callId: call.callId },
  };
  return `head.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
};

const MEDDLING: Readonly<
  Record<RuleName, { readonly what: string; readonly meddle?: Meddle } & Partial<RunOptions>>
> = {
  Y1: {
    what: "an ended call gets another reason",
    meddle: rewriting(isClosed, ({ version }) => ({ endReason: "expired", version: version + 1 })),
  },
  Y2: {
    what: "a call ends without anybody's doing",
    meddle: rewriting(isTalking, ({ version }) => ({
      status: "ended",
      endReason: "removed",
      endedAtMs: Date.now(),
      version: version + 1,
    })),
  },
  Y3: {
    what: "another device gets an answered leg",
    meddle: rewriting(
      ({ status, legs }) =>
        status === "answered" && legs[2]?.status === "joined" && legs[2].deviceId !== undefined,
      ({ legs, version }) => ({
        version: version + 1,
        legs: { ...legs, 2: { ...legs[2], deviceId: "a-third-phone" } },
      }),
    ),
  },
  Y4: {
    what: "a client gets a part in a second call",
    meddle: watching(({ dynamodb }, calls) => {
      const [one, other] = calls.filter(({ status }) => status !== "ended");
      if (!one || !other) return false;
      const legs = { ...one.legs, 9: { ...other.legs[1], status: "joined" } };
      dynamodb.run("Put", { TableName: CALLS, Item: { ...one, legs, version: one.version + 1 } });
      return true;
    }),
  },
  Y5: {
    what: "a phone is rung for a call that was over a minute ago",
    meddle: watching((stack, calls) => {
      const over = calls.find(({ endedAtMs = Infinity }) => endedAtMs < stack.time.now() - 60_000);
      const callee = over?.legs[2];
      if (!over || !callee) return false;
      stack.push("a-token", { type: "incoming_call", call_id: over.callId, receiver_id: callee.clientId });
      return true;
    }),
  },
  Y6: {
    what: "the functions that clean up and sweep do nothing",
    get handlers() {
      const idle = async () => ({ snapshot: { callId: "none" } });
      return { ...handlers, "close-stage": idle, "sweep-calls": idle };
    },
  },
  Y7: {
    what: "two phones stay on the stage of a call that is over, and IVS says nothing",
    meddle: watching((stack, calls) => {
      const talk = calls.find(isClosed);
      if (!talk) return false;
      for (const leg of [1, 2]) {
        const place = stack.ivs.join(tokenFor(talk, `${talk.callId}-${leg}-1`, stack));
        if (place) place.publishing = true;
      }
      return true;
    }),
  },
  Y8: {
    what: "a phone joins the stage of another call",
    meddle: watching((stack, calls) => {
      const [one, other] = calls.filter(isTalking);
      if (!one || !other) return false;
      const foreign = { ...one, stage: other.stage } as Call;
      stack.ivs.join(tokenFor(foreign, `${one.callId}-1-1`, stack));
      return true;
    }),
  },
  Y9: {
    what: "the API fails inside",
    get handlers(): Handlers {
      const failing = async () => ({ statusCode: 503, body: JSON.stringify({ code: "try_again" }) });
      let requests = 0;
      const rest = handlers["rest-entrypoint"] ?? failing;
      return {
        ...handlers,
        "rest-entrypoint": (event, context) => ((requests += 1) === 60 ? failing() : rest(event, context)),
      };
    },
  },
  Y10: {
    what: "a leg's last word is lost",
    meddle: rewriting(isClosed, ({ legs }) => ({
      legs: { ...legs, 2: { ...legs[2], leftReason: "dropped" } },
    })),
  },
  Y11: {
    what: "a push token gets into a record",
    meddle: rewriting(isTalking, ({ version }) => ({ causedBy: "device-token-1", version: version + 1 })),
  },
  Y12: {
    what: "a function fails on every message",
    get handlers() {
      return { ...handlers, "screen-hints": () => Promise.reject(new Error("broken")) };
    },
  },
  Y13: {
    what: "the workflow does not wait for the right turn",
    get definition() {
      return circling;
    },
  },
};

/** It looks again instead of waiting. */
let circling: object;
beforeAll(async () => {
  const { callWorkflow } = await import("../../workflows/call.ts");
  const text = JSON.stringify(callWorkflow());
  circling = JSON.parse(text.replaceAll('"turn = :turn"', '"turn = :turn AND turn < :token"')) as object;
});

describe("a checker reports", () => {
  test.each(RULES)("%s", async (rule) => {
    const { what: _what, ...broken } = MEDDLING[rule];
    const { handlers: replaced = handlers, definition, meddle } = broken;
    const report = await run({
      seed: 31,
      calls: 30,
      faults: "none",
      handlers: replaced,
      ...(definition && { definition }),
      ...(meddle && { meddle }),
    });
    expect(report.violations.map((violation) => violation.rule)).toContain(rule);
  });
});
