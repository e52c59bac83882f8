/** Everything a command works with, around the people and calls of a test. */
import { type Call, legsOf } from "../../calls/call.ts";
import { closingOf } from "../../handlers/media/ivs/pool/rest-stage.ts";
import { offersOf } from "../../handlers/media/ivs/pool/stage-offers.ts";
import type { Person } from "../../handlers/rest/command-context.ts";
import {
  alice,
  bob,
  BOBS_PHONE,
  callId,
  carol,
  device,
  freeStage,
  MAX_CALL_SECONDS,
  RING_SECONDS,
} from "../builders.ts";
import {
  fakeAdmission,
  fakeCalls,
  fakeClients,
  fakeDirectory,
  fakeEdge,
  fakeKeeperRow,
  fakePublisher,
  fakeSettings,
  fakeStages,
  fakeTokens,
} from "../fakes.ts";

const personOf = ({ sub, username }: { sub: string; username: string }): Person => ({
  sub,
  username,
  operator: false,
});
export const ALICE_HERSELF = personOf(alice());
export const BOB_HIMSELF = personOf(bob());
export const CAROL_HERSELF = personOf(carol());

/** Alice, Bob and Carol, each with a phone; four free stages; and the calls that hold the clients' slots. */
export function world(...ongoing: Call[]) {
  const slots = new Map(
    ongoing.flatMap((call) => legsOf(call).map(({ clientId }) => [clientId, call.callId])),
  );
  const people = [alice(), bob(), carol()].map((client) => {
    const activeCallId = slots.get(client.clientId);
    return activeCallId ? { ...client, activeCallId } : client;
  });
  const calls = fakeCalls(...ongoing);
  const clients = fakeClients(...people);
  clients.devicesOf.set(bob().clientId, [device(BOBS_PHONE)]);
  const stages = fakeStages(freeStage(1), freeStage(2), freeStage(3), freeStage(4));
  const edge = fakeEdge();
  const keeper = fakeKeeperRow();
  const admission = fakeAdmission({ calls, clients, stages });
  return {
    calls,
    clients,
    persons: clients.persons,
    directory: fakeDirectory(),
    stages,
    keeper,
    rooms: { ...offersOf({ stages, keeper, edge, table: "stages" }), ...closingOf(stages) },
    settings: async () => fakeSettings(clients),
    cleanUps: () => Promise.reject(new Error("no clean-ups here")),
    edge,
    admission,
    publisher: fakePublisher(),
    tokens: fakeTokens,
    ringSeconds: RING_SECONDS,
    maxCallSeconds: MAX_CALL_SECONDS,
    signInClaim: "origin_jti",
    tokenSeconds: 60,
    limits: { calls: 10, registrations: 30, deletions: 10 },
  };
}

/** The id of the call that began last, other than the calls of the setting. */
export const begun = ({ calls }: ReturnType<typeof world>): Call => {
  const call = [...calls.items.values()].findLast((one) => one.callId !== callId(1));
  if (!call) throw new Error("no call was begun");
  return call;
};
