/** What a scene of the demo plays on: a runtime in virtual time, phones, and facts that are checked and printed. */
import { LegUpdated } from "../../events/legs.ts";
import { type Clock, virtualClock } from "../../packages/local-aws/src/clock.ts";
import { directPushEnvironment } from "../direct-push.ts";
import { sentenceOf } from "../narrate.ts";
import { createPeople, type Username } from "../people.ts";
import { type Phone, phone, type PhoneOptions, type Reply } from "../phones.ts";
import { type Runtime, startRuntime } from "../../packages/local-aws/src/runtime.ts";

export interface Stage {
  readonly runtime: Runtime;
  readonly clock: Clock;
  phone(owner: Username, options?: PhoneOptions): Promise<Phone>;
  /** Lets this much time pass. */
  seconds(seconds: number): Promise<void>;
  /** Prints the fact, and records it if it does not hold. */
  fact(fact: string, holds: boolean): void;
  /** One calls another, or several: the reply. */
  call(caller: Phone, ...callees: Phone[]): Promise<Reply>;
  /** A command about a call, from a device that names itself. */
  does(who: Phone, action: string, callId: string, more?: Record<string, unknown>): Promise<Reply>;
}

export interface Playing {
  readonly assembly: string;
  readonly print: (text: string) => void;
}

const FIRST_MORNING_MS = Date.UTC(2026, 0, 1, 9);
const DAY_MS = 24 * 3_600_000;
let scenes = 0;

/** Plays one scene on a fresh runtime, the morning after the scene before it; the facts that did not hold. */
export async function playScene(
  { assembly, print }: Playing,
  scene: (stage: Stage) => Promise<void>,
): Promise<string[]> {
  const clock = virtualClock(FIRST_MORNING_MS + scenes * DAY_MS);
  scenes += 1;
  const problems: string[] = [];
  let runtime: Runtime | undefined;
  try {
    runtime = await startRuntime({
      assembly,
      clock,
      lazyFunctions: true,
      warmFunctions: true,
      functionEnvironment: directPushEnvironment,
    });
    await createPeople(runtime);
    await clock.advance(5_000);
    tellTimeline(runtime, clock, print);
    await scene(stageOn(runtime, clock, { print, problems }));
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    runtime?.stop();
    clock.dispose();
  }
  return problems;
}

function tellTimeline({ localAws }: Runtime, clock: Clock, print: Playing["print"]): void {
  const startMs = clock.now();
  localAws.observe((event) => {
    if (event.kind === "event" && event.detailType === LegUpdated.name) return;
    const sentence = sentenceOf(event);
    if (sentence) print(`${((event.atMs - startMs) / 1000).toFixed(2).padStart(9)} s  ${sentence}`);
  });
}

interface Telling {
  readonly print: Playing["print"];
  readonly problems: string[];
}

function stageOn(runtime: Runtime, clock: Clock, { print, problems }: Telling): Stage {
  return {
    runtime,
    clock,
    async phone(owner, options) {
      const made = await phone(runtime, owner, options);
      return { ...made, send: (...request) => settled(clock, made.send(...request)) };
    },
    seconds: (seconds) => clock.advance(seconds * 1000),
    fact(fact, holds) {
      print(`             ${holds ? "✓" : "✗"} ${fact}`);
      if (!holds) problems.push(fact);
    },
    async call(caller, ...callees) {
      const [first, ...others] = callees.map(({ clientId }) => clientId);
      const whom = others.length > 0 ? { calleeIds: [first, ...others] } : { calleeId: first };
      const { clientId, deviceId } = caller;
      return caller.send({ action: "initiateCall", callerId: clientId, deviceId, media: "video", ...whom });
    },
    does: (who, action, callId, more = {}) =>
      who.send({ action, callId, clientId: who.clientId, deviceId: who.deviceId, ...more }),
  };
}

/** A request may pause in the middle, so time goes on until its reply is there. */
async function settled<T>(clock: Clock, reply: Promise<T>): Promise<T> {
  let over = false;
  const ended = (): void => void (over = true);
  reply.then(ended, ended);
  await clock.until(() => over, 60_000);
  return reply;
}
