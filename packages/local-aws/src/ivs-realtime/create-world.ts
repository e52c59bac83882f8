/** The world at the start, with what lasts of an earlier one: stages and public keys. Connections and sessions do not last. */
import { createPublicKey } from "node:crypto";
import { asItIs, type Form, type Store } from "../store/store.ts";
import type { IvsQuotas, ParticipantGrant, PublicKey, Stage, World } from "./world.ts";

type KeptStage = Pick<Stage, "arn" | "serial" | "endpoints" | "name"> & {
  readonly tags: readonly (readonly [string, string])[];
  readonly disconnected: readonly string[];
};

const stageForm: Form<Stage> = {
  write: ({ arn, serial, endpoints, name, tags, disconnected }): KeptStage => ({
    arn,
    serial,
    endpoints,
    name,
    tags: [...tags],
    disconnected: [...disconnected],
  }),
  read: ({ tags, disconnected, ...stage }: KeptStage): Stage => ({
    ...stage,
    tags: new Map(tags),
    disconnected: new Set(disconnected),
    sessions: [],
    connections: new Map(),
  }),
};

type KeptKey = Omit<PublicKey, "key" | "tags"> & { readonly tags: readonly (readonly [string, string])[] };

const keyForm: Form<PublicKey> = {
  write: ({ arn, name, material, fingerprint, tags }): KeptKey => ({
    arn,
    name,
    material,
    fingerprint,
    tags: [...tags],
  }),
  read: ({ tags, ...publicKey }: KeptKey): PublicKey => ({
    ...publicKey,
    key: createPublicKey(publicKey.material),
    tags: new Map(tags),
  }),
};

const PUBLISHED_QUOTAS: IvsQuotas = {
  stages: 1_000,
  publishers: 1_000,
  publishersPerStage: 12,
  participantsPerStage: 10_000,
};

export function createWorld(store: Store, quotas: Partial<IvsQuotas>): World {
  const stages = store.map("ivs.stages", stageForm);
  return {
    quotas: { ...PUBLISHED_QUOTAS, ...quotas },
    stages,
    deletedStages: store.map("ivs.deleted-stages", asItIs<true>()),
    keys: store.map("ivs.keys", keyForm),
    issuedTokens: store.map("ivs.issued-tokens", asItIs<ParticipantGrant>()),
    stagesCreated: Math.max(0, ...[...stages.values()].map(({ serial }) => serial)),
    publishers: 0,
  };
}
