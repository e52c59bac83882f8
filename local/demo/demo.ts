/**
 * `npm run demo`: plays one whole call against a fresh local runtime, through REST with JWTs, and prints its timeline,
 * the claims of the participant tokens, and what AWS would bill. `npm run demo -- --all` plays every way a call can go, in
 * virtual time, and `npm run demo -- cleanup` a deletion of clients. Exits with code 1 if anything is not as expected.
 * `--assembly DIR` plays it on that assembly instead of synthesizing one.
 */
import { parseArgs } from "node:util";
import { importSPKI, jwtVerify } from "jose";
import { type LocalAws, PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { startRuntime } from "../../packages/local-aws/src/runtime.ts";
import { listen } from "../../packages/local-aws/src/servers.ts";
import { sentenceOf } from "../narrate.ts";
import { createPeople, signIn } from "../people.ts";
import { synthesize } from "../synthesize.ts";
import { playCleanUp } from "./clean-up.ts";
import { type Play, post, unitsSince, within } from "./play.ts";
import { scenes } from "./scenes.ts";
import { playScene } from "./stage.ts";

/** The states of a call that is answered and hung up. */
const STATES = [
  "Push sent",
  "Token issued",
  "Ringing",
  "Answered",
  "In call",
  "Leg ended",
  "Clean up",
  "Call ended",
];
const TALK_MS = 500;

/** Plays the call and returns the facts that did not hold. */
export async function playCall({ runtime, api, print }: Play): Promise<string[]> {
  const { localAws, ivs, pinpoint } = runtime;
  const problems: string[] = [];
  const expect = (fact: string, holds: boolean): void => void (holds || problems.push(fact));
  const states: string[] = [];
  const startMs = localAws.clock.now();
  const stopWatching = localAws.observe((event) => {
    const sentence = sentenceOf(event);
    if (sentence) print(`${String(event.atMs - startMs).padStart(6)} ms  ${sentence}`);
    if (event.kind === "state-entered") states.push(event.state);
  });
  const unitsBefore = { ...localAws.units };
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

    await within(
      localAws,
      "a push reaches Bob's phone",
      () => pinpoint.inbox.last("bobs-phone") !== undefined,
    );
    const push = pinpoint.inbox.last("bobs-phone")?.data ?? {};
    expect(
      "the push says that Alice is calling",
      push["type"] === "incoming_call" && push["call_id"] === callId,
    );
    await command(bob, { action: "ackRinging", callId });
    await within(localAws, "the workflow waits for an answer", () => states.includes("Ringing"));
    const answer = await command(bob, { action: "answerCall", callId });
    const callee = await ivs.join(String(answer["token"]));
    ivs.publish(callee);
    expect("both are on the same stage", caller.stageArn === callee.stageArn);
    await within(localAws, "the workflow follows the answer", () => states.includes("In call"));

    await localAws.clock.advance(TALK_MS);
    const end = await command(alice, { action: "endCall", clientId: aliceId, callId });
    expect("the call is completed", end["ended"] === true && end["endReason"] === "completed");
    ivs.leave(caller);
    ivs.leave(callee);
    const execution = `${runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
    await within(
      localAws,
      "the execution ends",
      async () => (await statusOf(localAws, execution)) !== "RUNNING",
    );
    expect("the execution succeeded", (await statusOf(localAws, execution)) === "SUCCEEDED");
    expect(`the states are ${STATES.join(", ")}`, states.join() === STATES.join());
    const again = await command(alice, { action: "endCall", clientId: aliceId });
    expect("Alice's slot is free", again["ended"] === false);
    for (const [who, token] of [
      ["Alice", call["token"]],
      ["Bob", answer["token"]],
    ] as const) {
      print(
        `\n${who}'s participant token, signature verified:\n${JSON.stringify(await claimsOf(localAws, String(token)), undefined, 2)}`,
      );
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    stopWatching();
  }
  print(`\nBillable units of this call:\n${unitsSince(localAws, unitsBefore)}`);
  return problems;
}

async function statusOf(localAws: LocalAws, executionArn: string): Promise<unknown> {
  const operation = "DescribeExecution";
  const reply = await localAws.call({
    service: "states",
    operation,
    input: { executionArn },
    caller: PERSON,
  });
  return reply["status"];
}

/** Verifies as IVS does: by the imported public key that the token names. */
async function claimsOf(localAws: LocalAws, token: string): Promise<unknown> {
  const { payload } = await jwtVerify(token, async ({ kid }) => {
    const reply = await localAws.call({
      service: "ivs",
      operation: "GetPublicKey",
      input: { arn: kid },
      caller: PERSON,
    });
    return importSPKI((reply["publicKey"] as { publicKeyMaterial: string }).publicKeyMaterial, "ES384");
  });
  return payload;
}

const DEMOS = ["call", "cleanup"] as const;
type Demo = (typeof DEMOS)[number];

async function main(): Promise<void> {
  const options = { assembly: { type: "string" }, all: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [wanted = "call"] = positionals;
  const demo = DEMOS.find((one) => one === wanted);
  if (!demo) throw new Error(`there is no demo "${wanted}": expected ${DEMOS.join(" or ")}`);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const problems = values.all
    ? await playAll(print, values.assembly)
    : await playOne(demo, print, values.assembly);
  const well = values.all ? "Every call" : demo === "call" ? "The call" : "The deletion";
  const off = `Not as expected:\n${problems.map((fact) => `  ${fact}`).join("\n")}`;
  print(`\n${problems.length === 0 ? `${well} went as it should.` : off}`);
  process.exit(problems.length === 0 ? 0 : 1);
}

type Print = (text: string) => void;
const SMALL = { minStages: "12" };

/** In virtual time. */
async function playAll(print: Print, given?: string): Promise<string[]> {
  const assembly = given ?? (await synthesize({ context: SMALL })).directory;
  const direct = await synthesize({ context: { ...SMALL, push: "direct" } });
  return playEveryWay({ assembly, directAssembly: direct.directory, print });
}

/** In real time, over HTTP. */
async function playOne(demo: Demo, print: Print, given?: string): Promise<string[]> {
  const assembly = given ?? (await synthesize({ context: SMALL })).directory;
  const runtime = await startRuntime({ assembly, lazyFunctions: true });
  await createPeople(runtime);
  const servers = await listen(runtime, { port: 0, awsPort: 0 });
  const play = { runtime, api: `http://127.0.0.1:${servers.port}/`, print };
  const problems = demo === "call" ? await playCall(play) : await playCleanUp(play);
  await servers.close();
  runtime.stop();
  return problems;
}

interface EveryWay {
  readonly assembly: string;
  /** The same stack that pushes to FCM and APNs itself. */
  readonly directAssembly: string;
  readonly print: (text: string) => void;
}

/** `npm run demo -- --all`: each scene in virtual time on a runtime of its own. */
async function playEveryWay({ assembly, directAssembly, print }: EveryWay): Promise<string[]> {
  const problems: string[] = [];
  for (const [index, { title, push, play }] of scenes.entries()) {
    print(`\n${index + 1}. ${title}\n`);
    const off = await playScene({ assembly: push === "direct" ? directAssembly : assembly, print }, play);
    problems.push(...off.map((fact) => `${index + 1}. ${fact}`));
  }
  return problems;
}

if (import.meta.main) await main();
