/** A callee's phones: one function reads them, and one request takes up to a hundred. */
import { phone } from "../../local/phones.ts";
import type { Stack } from "../stack.ts";
import { type Counted, counted } from "./counted.ts";

const TIMES = 5;

export async function callToDevices(stack: Stack, sizes: readonly number[]): Promise<Counted[]> {
  const { runtime } = stack;
  const [alice, bob] = [await phone(runtime, "alice"), await phone(runtime, "bob")];
  const rows: Counted[] = [];
  let devices = 1;
  for (const size of sizes) {
    for (; devices < size; devices += 1)
      await phone(runtime, "bob", { beside: bob, deviceId: `bobs-${devices}` });
    let callId: unknown;
    const act = async (): Promise<void> => {
      const { body } = await alice.send({
        action: "initiateCall",
        callerId: alice.clientId,
        calleeId: bob.clientId,
      });
      ({ callId } = body);
    };
    const between = () => alice.send({ action: "endCall", clientId: alice.clientId, callId });
    rows.push(await counted(stack, size, { times: TIMES, act, between }));
  }
  return rows;
}
