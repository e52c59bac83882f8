/**
 * `npm run demo`: plays one whole call against a fresh local runtime, through REST with JWTs, and prints its timeline,
 * what the participant tokens say, and what AWS would bill. `npm run demo -- --all` plays every way a call can go, in
 * virtual time. Ends with exit code 1 if anything is off.
 * `--assembly DIR` plays it on another assembly than the one just synthesized.
 */
import { parseArgs } from "node:util";
import { importSPKI, jwtVerify } from "jose";
import { type Door, PERSON, type Shape } from "../door.ts";
import { sentenceOf } from "../narrate.ts";
import { createPeople, signIn } from "../people.ts";
import { localCredentials } from "../push-networks/credentials.ts";
import { type Runtime, startRuntime } from "../runtime.ts";
import { listen } from "../servers.ts";
import { synthesize } from "../synthesize.ts";
import { playEveryWay } from "./every-way.ts";

/** What a call that is answered and hung up looks like from outside. */
const STATES = [
  "Push sent",
  "Token issued",
  "Ringing",
  "How did ringing end?",
  "Answered",
  "In call",
  "How did the call end?",
  "Leg ended",
  "Clean up",
  "Call ended",
];
const PATIENCE_MS = 5_000;
const TALK_MS = 500;

interface Play {
  readonly runtime: Runtime;
  readonly api: string;
  readonly print: (text: string) => void;
}

/** Plays the call and returns what was off; nothing if all went well. */
export async function playCall({ runtime, api, print }: Play): Promise<string[]> {
  const { door, ivs, pinpoint } = runtime;
  const problems: string[] = [];
  const expect = (fact: string, holds: boolean): void => void (holds || problems.push(fact));
  const states: string[] = [];
  const startMs = door.clock.now();
  const stopWatching = door.observe((happening) => {
    const sentence = sentenceOf(happening);
    if (sentence) print(`${String(happening.atMs - startMs).padStart(6)} ms  ${sentence}`);
    if (happening.kind === "state-entered") states.push(happening.state);
  });
  const unitsBefore = { ...door.units };
  try {
    const [alice, bob] = [await signIn(runtime, "alice"), await signIn(runtime, "bob")];
    const command = (token: string, body: Shape): Promise<Shape> => post(api, token, body);
    const phone = { action: "register", notifyType: "GCM" };
    const aliceId = String((await command(alice, { ...phone, deviceToken: "alices-phone" }))["id"]);
    const bobId = String((await command(bob, { ...phone, deviceToken: "bobs-phone" }))["id"]);

    const call = await command(alice, {
      action: "initiateCall",
      callerId: aliceId,
      calleeId: bobId,
      media: "video",
    });
    const callId = String(call["callId"]);
    const caller = await ivs.join(String(call["token"]));
    ivs.publish(caller);

    await within(door, "a push reaches Bob's phone", () => pinpoint.inbox.last("bobs-phone") !== undefined);
    const push = pinpoint.inbox.last("bobs-phone")?.data ?? {};
    expect(
      "the push says that Alice is calling",
      push["type"] === "incoming_call" && push["call_id"] === callId,
    );
    await command(bob, { action: "ackRinging", callId });
    await within(door, "the workflow waits for an answer", () => states.includes("Ringing"));
    const answer = await command(bob, { action: "answerCall", callId });
    const callee = await ivs.join(String(answer["token"]));
    ivs.publish(callee);
    expect("both are on the same stage", caller.stageArn === callee.stageArn);
    await within(door, "the workflow follows the answer", () => states.includes("In call"));

    await door.clock.advance(TALK_MS);
    const end = await command(alice, { action: "endCall", clientId: aliceId, callId });
    expect("the call is completed", end["ended"] === true && end["endReason"] === "completed");
    ivs.leave(caller);
    ivs.leave(callee);
    const execution = `${runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
    await within(door, "the execution ends", async () => (await statusOf(door, execution)) !== "RUNNING");
    expect("the execution succeeded", (await statusOf(door, execution)) === "SUCCEEDED");
    expect(`the states are ${STATES.join(", ")}`, states.join() === STATES.join());
    const again = await command(alice, { action: "endCall", clientId: aliceId });
    expect("Alice's slot is free", again["ended"] === false);
    for (const [who, token] of [
      ["Alice", call["token"]],
      ["Bob", answer["token"]],
    ] as const) {
      print(
        `\n${who}'s participant token, signature verified:\n${JSON.stringify(await claimsOf(door, String(token)), undefined, 2)}`,
      );
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    stopWatching();
  }
  print(`\nBillable units of this call:\n${unitsSince(door, unitsBefore)}`);
  return problems;
}

async function post(api: string, accessToken: string, body: Shape): Promise<Shape> {
  const response = await fetch(api, {
    method: "POST",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const reply = (await response.json()) as Shape;
  if (!response.ok) throw new Error(`${String(body["action"])} was refused: ${JSON.stringify(reply)}`);
  return reply;
}

async function within(door: Door, fact: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  await door.clock.until(condition, PATIENCE_MS).catch((cause: unknown) => {
    throw new Error(`not within ${PATIENCE_MS / 1000} s: ${fact}`, { cause });
  });
}

async function statusOf(door: Door, executionArn: string): Promise<unknown> {
  const operation = "DescribeExecution";
  const reply = await door.call({ service: "states", operation, input: { executionArn }, caller: PERSON });
  return reply["status"];
}

/** Verifies as IVS does: by the imported public key that the token names. */
async function claimsOf(door: Door, token: string): Promise<unknown> {
  const { payload } = await jwtVerify(token, async ({ kid }) => {
    const reply = await door.call({
      service: "ivs",
      operation: "GetPublicKey",
      input: { arn: kid },
      caller: PERSON,
    });
    return importSPKI((reply["publicKey"] as { publicKeyMaterial: string }).publicKeyMaterial, "ES384");
  });
  return payload;
}

function unitsSince(door: Door, before: Readonly<Record<string, number>>): string {
  const spent = Object.entries(door.units).map(
    ([unit, amount]) => [unit, amount - (before[unit] ?? 0)] as const,
  );
  return spent
    .filter(([, amount]) => amount > 0)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([unit, amount]) => `  ${unit.padEnd(26)} ${Number(amount.toFixed(4))}`)
    .join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { assembly: { type: "string" }, all: { type: "boolean" } } });
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const problems = values.all
    ? await playAll(print, values.assembly)
    : await playOneCall(print, values.assembly);
  const well = values.all ? "\nEvery call went as it should." : "\nThe call went as it should.";
  print(problems.length === 0 ? well : `\nOff:\n${problems.map((fact) => `  ${fact}`).join("\n")}`);
  process.exit(problems.length === 0 ? 0 : 1);
}

type Print = (text: string) => void;
const SMALL = { stagePoolTarget: "2" };

/** In virtual time. */
async function playAll(print: Print, given?: string): Promise<string[]> {
  const assembly = given ?? (await synthesize({ context: SMALL }));
  const context = { ...SMALL, push: "direct", ...localCredentials({ push: "direct" }) };
  const directAssembly = await synthesize({ out: "cdk.out/direct", context });
  return playEveryWay({ assembly, directAssembly, print });
}

/** In real time, over HTTP. */
async function playOneCall(print: Print, given?: string): Promise<string[]> {
  const assembly = given ?? (await synthesize({ context: SMALL }));
  const runtime = await startRuntime({ assembly });
  await createPeople(runtime);
  const servers = await listen(runtime, { port: 0, awsPort: 0 });
  const problems = await playCall({ runtime, api: `http://127.0.0.1:${servers.port}/`, print });
  await servers.close();
  runtime.stop();
  return problems;
}

if (import.meta.main) await main();
