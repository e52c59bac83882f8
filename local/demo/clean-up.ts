/**
 * `npm run demo -- cleanup`: registers phones, starts a call, deletes all of Alice's clients through REST, and prints the
 * steps, the Map Run's counts and what AWS would bill. Exits with code 1 if anything is not as expected.
 */
import { ClientsDeleted } from "../../events/clients-deleted.ts";
import { MAX_CLIENTS } from "../../calls/limits.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { narrate } from "../narrate.ts";
import { signIn } from "../people.ts";
import { type Play, post, unitsSince, within } from "./play.ts";

/** The most that a person may have. */
const CLIENTS = MAX_CLIENTS;
/** Ids of clients that no longer exist: with them the list makes three batches. */
const GONE = Array.from(
  { length: 250 - CLIENTS },
  (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
);
const PATIENCE_MS = 30_000;

/** Plays the clean-up and returns the facts that did not hold. */
export async function playCleanUp({ runtime, api, print }: Play): Promise<string[]> {
  const { localAws } = runtime;
  const problems: string[] = [];
  const expect = (fact: string, holds: boolean): void => void (holds || problems.push(fact));
  const aws = (service: string, operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service, operation, input, caller: PERSON });
  const [alice, bob, olivia] = [
    await signIn(runtime, "alice"),
    await signIn(runtime, "bob"),
    await signIn(runtime, "olivia"),
  ];
  const register = async (token: string, deviceToken: string, more: object = {}): Promise<string> => {
    const reply = await post(api, token, { action: "register", notifyType: "GCM", deviceToken, ...more });
    return String(reply["id"]);
  };
  const ids: string[] = [];
  for (let index = 0; index < CLIENTS; index += 1)
    ids.push(await register(alice, `alices-phone-${index}`, { anotherClient: index > 0 }));
  const bobId = await register(bob, "bobs-phone");
  print(
    `Alice has ${CLIENTS} lines, each with its own client. The first calls Bob. She asks to delete all of hers and Bob's client, and the API`,
  );
  print(`refuses. Olivia, an operator, asks to delete Alice's, and ${GONE.length} that are gone already.\n`);
  let isOver = false;
  const stopNarrating = narrate(localAws, print);
  const stopWatching = localAws.observe((event) => {
    isOver ||= event.kind === "event" && event.detailType === ClientsDeleted.name;
  });
  const before = { ...localAws.units };
  try {
    const call = await post(api, alice, { action: "initiateCall", callerId: ids[0], calleeId: bobId });
    const refusal = await post(api, alice, { action: "deleteClientIds", clientIds: [...ids, bobId] }).then(
      () => "",
      (error: Error) => error.message,
    );
    expect("Bob's client is not Alice's to delete", refusal.includes(`"field":"clientIds.${CLIENTS}"`));
    const { operationId } = await post(api, olivia, {
      action: "deleteClientIds",
      clientIds: [...ids, ...GONE],
    });
    await within(localAws, "the deletion is over", () => isOver, PATIENCE_MS);
    await localAws.clock.advance(500);
    const over = await post(api, olivia, { action: "getOperation", operationId });
    print(`\n${JSON.stringify(over, undefined, 2)}`);
    const counts = over["counts"] as Shape;
    expect(`${CLIENTS} clients are deleted`, counts["deleted"] === CLIENTS);
    expect(`${GONE.length} were gone already`, counts["alreadyGone"] === GONE.length);
    expect("Alice's call is ended", counts["callsEnded"] === 1);
    const { mapRuns } = await aws("states", "ListMapRuns", { executionArn: over["execution"] });
    const [{ mapRunArn } = {}] = mapRuns as Shape[];
    const { itemCounts, executionCounts } = await aws("states", "DescribeMapRun", { mapRunArn });
    print(`\nMap Run, items: ${JSON.stringify(itemCounts)}\nbatches: ${JSON.stringify(executionCounts)}`);
    const TableName = runtime.physicalId("ClientsTable");
    const { Count } = await aws("dynamodb", "Scan", { TableName, Select: "COUNT" });
    expect("only Bob's client is left", Count === 1);
    const seen = async (): Promise<unknown> =>
      (await post(api, bob, { action: "getCall", callId: call["callId"] }))["endReason"];
    expect("Bob sees that the call was cancelled", (await seen()) === "cancelled");
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  } finally {
    stopNarrating();
    stopWatching();
  }
  print(`\nBillable units of this deletion:\n${unitsSince(localAws, before)}`);
  return problems;
}
