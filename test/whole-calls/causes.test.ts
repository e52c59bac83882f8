/** The id of the request that caused something, from the gateway through event, workflow and push into every log line. */
import { expect, test } from "vitest";
import { openForEach } from "../opened.ts";
import { type Phone, startWorld, type World } from "../world.ts";

let world: World;
let alice: Phone;
let bob: Phone;

openForEach(startWorld, async (opened) => {
  world = opened;
  [alice, bob] = [await world.phone("alice"), await world.phone("bob")];
});

/** Sends a command. Returns the call's id and the id that the gateway gave the request. */
async function send(phone: Phone, body: object): Promise<{ callId: string; requestId: string }> {
  const reply = await world.runtime.http({
    method: "POST",
    path: "/",
    query: "",
    headers: { "content-type": "application/json", authorization: `Bearer ${phone.accessToken}` },
    body: Buffer.from(JSON.stringify(body)),
    sourceIp: "127.0.0.1",
  });
  expect(reply.status).toBe(200);
  await world.clock.advance(2_000);
  const { callId } = JSON.parse(String(reply.body)) as { callId: string };
  return { callId, requestId: String(reply.headers["apigw-requestid"]) };
}

type Line = Readonly<Record<string, unknown>>;

/** The functions' log lines, without metrics. */
const log = (): Line[] =>
  world.happened.flatMap((one) =>
    one.kind === "log" && !one.line.includes('"_aws"') ? [JSON.parse(one.line) as Line] : [],
  );
const causesOf = (detailType: string): unknown[] => world.events(detailType).map(({ causedBy }) => causedBy);

async function completedCall() {
  const started = await send(alice, {
    action: "initiateCall",
    callerId: alice.clientId,
    calleeId: bob.clientId,
  });
  const { callId } = started;
  const answered = await send(bob, { action: "answerCall", callId });
  const ended = await send(alice, { action: "endCall", clientId: alice.clientId, callId });
  expect(await world.ended(callId)).toBe("SUCCEEDED");
  return { callId, started, answered, ended };
}

test("an event contains the id of the request that caused it, and the workflow does not add its own", async () => {
  const { started, answered, ended } = await completedCall();
  expect(causesOf("CallInitiated")).toEqual([started.requestId]);
  expect(causesOf("CallAnswered")).toEqual([answered.requestId]);
  // One for each leg.
  expect(causesOf("LegEnded")).toEqual([ended.requestId, ended.requestId]);
});

test("every event of a call names a request or a run that has lines in the log", async () => {
  const { callId } = await completedCall();
  const logged = new Set(log().map(({ requestId }) => requestId));
  const said = world.happened.filter((one) => one.kind === "event" && one.bus === "ringmaster");
  expect(said.length).toBeGreaterThan(10);
  for (const { detail } of said as { detail: Line }[]) expect(logged).toContain(detail["causedBy"]);
  expect(logged).toContain((await world.item(callId))["causedBy"]?.["S"]);
});

test("the log lines of every function of a call contain the call's id and the request's", async () => {
  const { callId, started, answered, ended } = await completedCall();
  const lines = log().filter((line) => line["callId"] === callId);
  const services = new Set(lines.map(({ service }) => String(service)));
  expect([...services].toSorted()).toEqual([
    "close-stage",
    "drive-call",
    "issue-token",
    "rest-entrypoint",
    "send-push",
  ]);
  for (const { requestId } of lines) expect(requestId).toMatch(/\S/);
  const cause = (service: string, message: string, event?: string) =>
    lines.find(
      (line) => line["service"] === service && line["message"] === message && line["event"] === event,
    )?.["causedBy"];
  expect(cause("drive-call", "started", "CallInitiated")).toBe(started.requestId);
  expect(cause("send-push", "pushed")).toBe(started.requestId);
  expect(cause("drive-call", "woken", "CallAnswered")).toBe(answered.requestId);
  expect(cause("drive-call", "woken", "LegEnded")).toBe(ended.requestId);
  const replied = lines.filter(({ message }) => message === "replied").map(({ requestId }) => requestId);
  expect(replied).toEqual([started.requestId, answered.requestId, ended.requestId]);
});

test("the workflow's input is the ids of the call and of its callee, and a push contains no request id", async () => {
  const { callId } = await completedCall();
  const executionArn = `${world.runtime.outputs["CallWorkflowArn"]?.replace(":stateMachine:", ":execution:")}:${callId}`;
  const { input } = await world.aws("states", "DescribeExecution", { executionArn });
  expect(input).toBe(JSON.stringify({ callId, calleeId: bob.clientId }));
  const [push] = world.runtime.pinpoint.inbox.read(bob.deviceToken);
  expect(Object.keys(push?.data ?? {})).not.toContain("causedBy");
  expect(push?.data).toMatchObject({ call_id: callId });
});
