/**
 * What events, queues, schedules and workflows hand to functions, recorded from a call and a deletion, with something odd in one
 * place: a function does its work or refuses the input by name. It does not stumble, and a refused input has written nothing.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { openForAll } from "../opened.ts";
import type { Caller, Json, Shape } from "../../packages/local-aws/src/local-aws.ts";
import { answers, begins, rings } from "../scenarios/cast.ts";
import { startWorld, type World } from "../world.ts";
import { trying } from "./fuzzing.ts";
import { mutationsOf } from "./mutated.ts";

let world: World;
/** By function; of inputs alike the first few. */
const recorded = new Map<string, Json[]>();

openForAll(
  () => startWorld({ quotas: false }),
  async (opened) => {
    world = opened;
    const stop = record();
    await callsAndDeletes();
    stop();
  },
);

const MOST_ALIKE = 4;
/** Answer requests or CloudFormation, or work without input. */
const OTHERS =
  /rest-entrypoint|fill-stages|delete-stages|empty-bucket|make-signing-key|sweep-calls|remove-participants|keep-stages|heal-state/;

function record(): () => void {
  return world.runtime.localAws.interfere({
    service: "lambda",
    operation: "Invoke",
    where({ input }) {
      const name = String(input["FunctionName"]).split(":").at(-1) ?? "";
      const known = recorded.get(name) ?? [];
      if (!OTHERS.test(name) && known.length < MOST_ALIKE)
        recorded.set(name, [...known, input["Payload"] as Json]);
      return false;
    },
    fault: (run) => run(),
  });
}

/** A call in which a phone vanishes, one that nobody answers, and a deletion. */
async function callsAndDeletes(): Promise<void> {
  const [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
  const callId = await begins(alice, bob);
  await world.clock.advance(2_000);
  await rings(bob, callId);
  const [caller, callee] = [
    await alice.joins(await alice.send({ action: "rejoinCall", callId })),
    await bob.joins(await answers(bob, callId)),
  ];
  await world.clock.advance(5_000);
  world.runtime.ivs.unpublish(callee);
  world.runtime.ivs.leave(callee);
  await world.clock.advance(120_000);
  world.runtime.ivs.leave(caller);
  await alice.send({ action: "endCall", clientId: alice.clientId });
  await bob.send({ action: "deleteClientIds", clientIds: [bob.clientId] });
  await world.clock.advance(60_000);
}

/** A function may wait between attempts: time passes until it is done. */
async function invoked(FunctionName: string, Payload: Json): Promise<Shape> {
  let isDone = false;
  const reply = world.aws("lambda", "Invoke", { FunctionName, Payload }).finally(() => void (isDone = true));
  await world.clock.until(async () => isDone);
  return reply;
}

/** Errors that say what is wrong inside a function, not with its input. */
const STUMBLED = /^(Type|Range|Reference|Syntax|URI)Error$|Validation|Serialization|Timedout|TooLarge/;
const READS = /^(Get|Query|List|Scan|BatchGet)/;

async function faultsOf(functionName: string, input: Json): Promise<string[]> {
  const from = world.happened.length;
  const { FunctionError, Payload } = await invoked(functionName, input);
  if (FunctionError === undefined) return [];
  const { errorType = "", errorMessage = "" } = Payload as { errorType?: string; errorMessage?: string };
  const written = world.happened
    .slice(from)
    .flatMap((one) =>
      one.kind === "aws-call" && one.caller.kind === "role" && one.error === undefined ? [one] : [],
    )
    .filter(({ caller, operation }) => isBy(caller, functionName) && !READS.test(operation));
  return [
    ...(STUMBLED.test(errorType) ? [`${errorType}: ${errorMessage}`] : []),
    ...written.map(({ operation }) => `${operation}, and then ${errorType}`),
  ];
}

const isBy = (caller: Caller, functionName: string): boolean =>
  caller.kind === "role" && caller.functionName === functionName;

test("each is recorded, and none stumbles over what it is handed", async () => {
  expect([...recorded.keys()].map((name) => name.replace("ringmaster-", "")).toSorted()).toEqual(FED);
  const inputs = [...recorded].flatMap(([name, payloads]) => payloads.map((payload) => ({ name, payload })));
  const spoiled = fc
    .constantFrom(...inputs)
    .chain(({ name, payload }) => mutationsOf(payload).map((input) => ({ name, input })));
  const property = fc.asyncProperty(spoiled, async ({ name, input }) => {
    expect(await faultsOf(name, input)).toEqual([]);
  });
  await fc.assert(property, trying(200));
});

/** Functions with input of their own: of the bus, a queue, or a workflow. */
const FED = [
  "close-stage",
  "delete-clients",
  "drive-call",
  "issue-token",
  "list-clients",
  "report-clean-up",
  "screen-hints",
  "send-push",
  "verify-legs",
];
