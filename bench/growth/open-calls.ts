/** Calls that are open beside the measured one. */
import { PERSON } from "../../packages/local-aws/src/local-aws.ts";
import { phone } from "../../local/phones.ts";
import type { Stack } from "../stack.ts";
import { leanDocuments } from "../throughput/lean-documents.ts";
import { leasedCalls } from "../throughput/leased-calls.ts";
import { plantStages } from "../throughput/planted-pool.ts";
import { type Counted, counted } from "./counted.ts";

const TIMES = 5;
/** No client answers or hangs up during the measurement. A timer takes 24 days at most, for both together. */
const NEVER_MS = 10 * 86_400_000;
const LEFT_LYING = { kind: "completed", answerMs: NEVER_MS, talkMs: NEVER_MS } as const;

/** Makes calls that stay as they began. */
export async function openCalls({ runtime }: Stack, amount: number, seed: number): Promise<void> {
  const { localAws } = runtime;
  const input = { FunctionName: "ringmaster-rest-entrypoint" };
  const asked = { service: "lambda", operation: "GetFunctionConfiguration", input, caller: PERSON };
  const { Environment } = await localAws.call(asked);
  const { Variables } = Environment as { Variables: Record<string, string> };
  await plantStages(runtime, amount);
  leanDocuments(localAws);
  const maker = leasedCalls(runtime, { environment: Variables, seed, callersJoin: "on answer" });
  for (let made = 0; made < amount; made += 1) {
    const outcome = await maker.begin(LEFT_LYING);
    if (outcome !== "served") throw new Error(`call ${made + 1} of ${amount} was ${outcome}`);
  }
}

export async function callAmongOpenCalls(stack: Stack, sizes: readonly number[]): Promise<Counted[]> {
  const { runtime } = stack;
  const [alice, bob] = [await phone(runtime, "alice"), await phone(runtime, "bob")];
  async function callAndDecline(): Promise<void> {
    const calling = { action: "initiateCall", callerId: alice.clientId, calleeId: bob.clientId };
    const { body } = await alice.send(calling);
    const { status } = await bob.send({ action: "declineCall", callId: body["callId"] });
    if (status !== 200) throw new Error(`declineCall: ${status} after ${JSON.stringify(body)}`);
  }
  const rows: Counted[] = [];
  let open = 0;
  for (const size of sizes) {
    await openCalls(stack, size - open, size);
    open = size;
    rows.push(await counted(stack, size, { times: TIMES, act: callAndDecline }));
  }
  return rows;
}
