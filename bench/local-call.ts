/**
 * What a call costs the local runtime: CPU time of one process that runs the template, its bundles and the SDK in virtual time.
 * `npm run bench:local-call -- --calls 100 --profile`. Compare two versions of the project on one machine, in turns.
 */
import { parseArgs } from "node:util";
import { virtualClock } from "../packages/local-aws/src/clock.ts";
import { signInWith } from "../local/people.ts";
import { request, type Reply } from "../local/phones.ts";
import { type Runtime, startRuntime } from "../packages/local-aws/src/runtime.ts";
import { synthesize } from "../local/synthesize.ts";
import { startProfile } from "./profile.ts";

/** Calls before the measurement, in which functions load and hot code is compiled. */
const WARM_UP_CALLS = 20;
const CALLS_A_SECOND = 5;
const PROFILE_ROWS = 10;
const NO_OPS = 200;
/** IVS's own limits. */
const STAGES_A_SECOND = 5;
const PASSWORD = "Calls-locally-1";

const { values } = parseArgs({
  options: { calls: { type: "string", default: "100" }, profile: { type: "boolean", default: false } },
});
const calls = Number(values.calls);
if (!Number.isInteger(calls) || calls < 1)
  throw new Error(`--calls: expected a whole number, got "${values.calls}"`);

const pairs = calls + WARM_UP_CALLS;
const context = {
  minStages: String(pairs),
  maxStages: String(4 * pairs),
};
const { directory: assembly } = await synthesize({ context });
const clock = virtualClock();
const runtime = await startRuntime({ assembly, clock, lazyFunctions: true });
// Until the pool is filled.
await clock.advance((pairs / STAGES_A_SECOND + 5) * 1_000);
const phones: [Phone, Phone][] = [];
for (let pair = 0; pair < pairs; pair += 1)
  phones.push([await register(`alice-${pair}`), await register(`bob-${pair}`)]);

await makeCalls(phones.slice(0, WARM_UP_CALLS));
const profile = values.profile ? await startProfile() : undefined;
const [requestsBefore, cpuBefore] = [countRequests(runtime), process.cpuUsage()];
await makeCalls(phones.slice(WARM_UP_CALLS));
const { user, system } = process.cpuUsage(cpuBefore);
const cpuMs = (user + system) / 1000 / calls;
const requests = requestsBefore.stop() / calls;
console.log(`CPU a call        ${cpuMs.toFixed(1)} ms`);
console.log(`calls a second    ${(1000 / cpuMs).toFixed(1)} of one core`);
console.log(`CPU a no-op       ${(await noOpMs()).toFixed(2)} ms`);
console.log(`AWS requests      ${requests.toFixed(1)} a call, made by functions and workflows`);
if (profile) console.log(await profile.table(PROFILE_ROWS));
runtime.stop();
clock.dispose();
process.exit(0);

interface Phone {
  readonly clientId: string;
  send(body: object): Promise<Reply>;
}

/** A client is in one call at a time, so each phone belongs to a person of its own. */
async function register(username: string): Promise<Phone> {
  const [deviceToken, password] = [username, PASSWORD];
  await runtime.cognito.createConfirmedUser({ username, password, email: `${username}@example.com` });
  const accessToken = await signInWith(runtime, username, password);
  const send: Phone["send"] = (body) =>
    request(runtime, accessToken, JSON.stringify({ deviceId: deviceToken, ...body }));
  const { body } = await send({ action: "register", notifyType: "GCM", deviceToken });
  return { clientId: String(body["id"]), send };
}

/** Each pair calls again and again, many at once, until the last call is closed. */
async function makeCalls(among: readonly [Phone, Phone][]): Promise<void> {
  let over = 0;
  for (const [index, [alice, bob]] of among.entries()) {
    clock.after((index * 1000) / CALLS_A_SECOND, () => {
      void call(alice, bob).then(() => (over += 1));
    });
  }
  await clock.until(() => over === among.length);
  await clock.advance(1_000);
}

/** A call that rings for three seconds, is answered, lasts ten seconds with both on the stage, and is hung up. */
async function call(alice: Phone, bob: Phone): Promise<void> {
  const called = await alice.send({
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  await joins(called);
  const { callId } = called.body;
  await pause(1_000);
  await bob.send({ action: "ackRinging", callId });
  await pause(2_000);
  await joins(await bob.send({ action: "answerCall", callId }));
  await pause(10_000);
  const ended = await alice.send({ action: "endCall", clientId: alice.clientId, callId });
  if (ended.status !== 200) throw new Error(`endCall: ${JSON.stringify(ended.body)}`);
}

async function joins({ status, body }: Reply): Promise<void> {
  if (status !== 200) throw new Error(`the call did not go its way: ${JSON.stringify(body)}`);
  runtime.ivs.publish(await runtime.ivs.join(String(body["token"])));
}

/** A request that the function refuses at once: gateway, token and function, without a request to AWS. */
async function noOpMs(): Promise<number> {
  const before = process.cpuUsage();
  for (let made = 0; made < NO_OPS; made += 1) {
    const reply = await phones[0]?.[0].send({ action: "nothing" });
    if (reply?.status !== 400) throw new Error(`a no-op: ${JSON.stringify(reply)}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / NO_OPS;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

function countRequests({ localAws }: Runtime): { stop(): number } {
  let count = 0;
  const stopObserving = localAws.observe(({ kind, ...one }) => {
    if (kind === "aws-call" && "caller" in one && one.caller.kind === "role") count += 1;
  });
  return {
    stop() {
      stopObserving();
      return count;
    },
  };
}
