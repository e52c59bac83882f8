/**
 * The people of a cell of the matrix. Alice calls Bob and Carol. Carol answers, and an operator removes her; Bob's phone rings.
 * Alice and Bob have blocked Dave. Mallory has to do with none of them.
 */
import { decodeJwt } from "jose";
import { standingKey } from "../../handlers/store/tables.ts";
import { answers, begins, joinsStage } from "../scenarios/cast.ts";
import { asker } from "../people/graphql-world.ts";
import type { Phone, World } from "../world.ts";

export interface Scene {
  readonly alice: Phone;
  readonly bob: Phone;
  readonly carol: Phone;
  readonly dave: Phone;
  readonly mallory: Phone;
  readonly olivia: Phone;
  readonly callId: string;
  /** A deletion that Alice has asked for. */
  readonly operationId: string;
  /** The directory's entries of Alice and Bob. */
  readonly personIds: Readonly<Record<string, string>>;
}

/** The owner of what a request names, and everybody else who could send it. */
export const PEOPLE = ["owner", "another", "blocked", "removed", "operator"] as const;
export type Who = (typeof PEOPLE)[number];

let scenes = 0;

export async function openScene(world: World): Promise<Scene> {
  scenes += 1;
  const phone = (name: string) => world.phone(`${name}-${scenes}`, { deviceId: "phone" });
  const [alice, bob, carol] = [await phone("alice"), await phone("bob"), await phone("carol")];
  const [dave, mallory, olivia] = [await phone("dave"), await phone("mallory"), await world.phone("olivia")];
  for (const one of [alice, bob])
    await one.send({ action: "blockClient", clientId: one.clientId, blockedId: dave.clientId });
  const personIds = { [alice.owner]: await entry(world, alice), [bob.owner]: await entry(world, bob) };
  const operationId = await deletesALine(alice);
  const callId = await begins(alice, bob, carol);
  await answers(carol, callId);
  for (const one of [alice, carol]) await joinsStage(one, callId);
  await olivia.send({ action: "endCall", clientId: carol.clientId, callId });
  return { alice, bob, carol, dave, mallory, olivia, callId, operationId, personIds };
}

async function entry(world: World, { owner, accessToken }: Phone): Promise<string> {
  const asking = await asker(world, { token: accessToken });
  const { data, errors } = await asking.ask(
    `mutation { createPerson(input: { firstName: "${owner}", lastName: "Example" }) { id } }`,
  );
  if (!data) throw new Error(JSON.stringify(errors));
  return (data["createPerson"] as { id: string }).id;
}

async function deletesALine(phone: Phone): Promise<string> {
  const line = { notifyType: "GCM", deviceToken: `${phone.owner}-line`, anotherClient: true };
  const { id } = (await phone.send({ action: "register", ...line })).body;
  return String((await phone.send({ action: "deleteClientIds", clientIds: [id] })).body["operationId"]);
}

/** As the command `sign-out` does, in the row that it writes. */
export async function refuseAll(world: World, { accessToken }: Phone): Promise<void> {
  const { owner } = standingKey(String(decodeJwt(accessToken).sub));
  await world.aws("dynamodb", "UpdateItem", {
    TableName: world.runtime.physicalId("OwnersTable"),
    Key: { owner: { S: owner } },
    UpdateExpression: "SET refusedUntilMs = :until",
    ExpressionAttributeValues: { ":until": { N: String(world.clock.now() + 3_600_000) } },
  });
}

/** The person of a column of the matrix. */
export function actorOf(who: Who, scene: Scene, owner: Phone): Phone {
  switch (who) {
    case "owner":
      return owner;
    case "another":
      return scene.mallory;
    case "blocked":
      return scene.dave;
    case "removed":
      return scene.carol;
    case "operator":
      return scene.olivia;
  }
}
