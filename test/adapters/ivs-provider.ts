/** IVS as a media provider, with its pool of stages, over the local IVS. */
import { generateKeyPairSync } from "node:crypto";
import { participantTokens } from "../../handlers/media/ivs/participant-tokens.ts";
import { restingStages } from "../../handlers/media/ivs/pool/rest-stage.ts";
import { stageOffers } from "../../handlers/media/ivs/pool/stage-offers.ts";
import { newStage } from "../../handlers/media/ivs/pool/stage-pool.ts";
import { stageStore } from "../../handlers/media/ivs/pool/stage-store.ts";
import { ivsStages } from "../../handlers/media/ivs/ivs-stages.ts";
import { namedStage } from "../../handlers/media/ivs/stage.ts";
import { stageChecks } from "../../handlers/media/ivs/stage-checks.ts";
import { stageReplacing } from "../../handlers/media/ivs/stage-replacing.ts";
import { stageUpdate } from "../../handlers/media/ivs/stage-update.ts";
import { PERSON, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import { createIvsRealtime } from "../../packages/local-aws/src/ivs-realtime/ivs-realtime.ts";
import type { Participant } from "../../packages/local-aws/src/ivs-realtime/media-plane.ts";
import { createSecretsManager } from "../../packages/local-aws/src/secrets-manager/secrets-manager.ts";
import type { TestAws } from "../../packages/local-aws/test/served-aws.ts";
import type { OpenProvider } from "./media-world.ts";

const STAGES = 3;

export const openIvs: OpenProvider = async ({ aws, tables: { env }, edge }) => {
  const ivs = createIvsRealtime(aws.localAws);
  aws.localAws.register(ivs.service);
  aws.localAws.register(createSecretsManager(aws.localAws).service);
  const said: unknown[] = [];
  const run = (event: Shape): Shape => ({ taken: said.push(event) });
  aws.localAws.register({ name: "events", operations: { PutServiceEvent: { permissions: () => [], run } } });
  const SIGNING_KEY_SECRET_ARN = await signingKey(aws);
  const ofIvs = { ...env, SIGNING_KEY_SECRET_ARN, STACK_NAME: "ringmaster" };
  for (let n = 0; n < STAGES; n += 1) {
    const made = await ivsStages(ofIvs).create();
    if (typeof made === "string") throw new Error(made);
    await stageStore(env).add(newStage(made, edge.now()));
  }
  const inside = new Map<string, Participant>();
  const of = (id: string): Participant => {
    const found = inside.get(id);
    if (!found) throw new Error(`${id} has not joined`);
    return found;
  };
  return {
    offers: stageOffers(env, edge),
    closing: restingStages(env),
    tokens: participantTokens(ofIvs, edge.now),
    checks: stageChecks(env),
    removals: stageReplacing(env, edge),
    events: stageUpdate,
    keptForRemoval: namedStage,
    async join(token) {
      const joined = await ivs.join(token);
      inside.set(joined.participantId, joined);
      return joined.participantId;
    },
    publish: async (id) => ivs.publish(of(id)),
    leave: async (id) => ivs.leave(of(id)),
    said,
    foreign: {
      source: "aws.ivs",
      detail: {
        event_name: "Participant Published",
        participant_id: "somebody",
        event_time: new Date(edge.now()).toISOString(),
      },
    },
  };
};

/** The ARN of its secret. IVS knows the public half. */
async function signingKey({ localAws }: TestAws): Promise<string> {
  const ask = (service: string, operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service, operation, input, caller: PERSON });
  const { publicKey, privateKey: pem } = generateKeyPairSync("ec", {
    namedCurve: "P-384",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const imported = await ask("ivs", "ImportPublicKey", { publicKeyMaterial: publicKey });
  const kid = (imported["publicKey"] as { arn: string }).arn;
  const SecretString = JSON.stringify({ kid, pem });
  return String((await ask("secretsmanager", "CreateSecret", { Name: "signing-key", SecretString }))["ARN"]);
}
