/**
 * The secrets and the rules of their versions.
 *
 * S1 AWSCURRENT is on exactly one version once there is any; the version it leaves becomes AWSPREVIOUS.
 * S2 A staging label is on one version at a time. A version without labels is deprecated, and dropped here.
 * S3 The same ClientRequestToken with the same value is the same version; with another value it is refused.
 */
import { createHash, randomUUID } from "node:crypto";
import { AwsError, type LocalAws } from "../local-aws.ts";
import type { Form } from "../store/store.ts";

export const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";

/** `binary` is base64, as on the wire. */
export interface SecretValue {
  readonly text?: string;
  readonly binary?: string;
}

export interface Version extends SecretValue {
  readonly id: string;
  readonly createdAtMs: number;
  readonly stages: Set<string>;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly tags: readonly unknown[];
  readonly versions: Map<string, Version>;
  description?: string;
  changedAtMs: number;
  accessedAtMs?: number;
  deletedAtMs?: number;
}

/** By ARN. One that was changed is set again, so that the change lasts. */
export type Secrets = Map<string, Secret>;

type KeptSecret = Omit<Secret, "versions"> & {
  readonly versions: readonly (Omit<Version, "stages"> & { readonly stages: readonly string[] })[];
};

export const secretForm: Form<Secret> = {
  write: ({ versions, ...secret }): KeptSecret => ({
    ...secret,
    versions: [...versions.values()].map((version) => ({ ...version, stages: [...version.stages] })),
  }),
  read: ({ versions, ...secret }: KeptSecret): Secret => ({
    ...secret,
    versions: new Map(
      versions.map((version) => [version.id, { ...version, stages: new Set(version.stages) }]),
    ),
  }),
};

export const notFound = (what = "the specified secret."): AwsError =>
  new AwsError("ResourceNotFoundException", `Secrets Manager can't find ${what}`);
export const invalidRequest = (message: string): AwsError => new AwsError("InvalidRequestException", message);
export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);
const exists = (message: string): AwsError => new AwsError("ResourceExistsException", message);

/** The only randomness of IDs and ARNs here. */
export const newVersionId = (): string => randomUUID();
/** Chance on AWS. Here a secret that is created in the same order gets the same, so that starts give the same names. */
const arnSuffix = (name: string, nth: number): string =>
  createHash("sha256").update(`${nth} ${name}`).digest("hex").slice(0, 6);

/** By name, ARN, or ARN without its random suffix. */
export function findSecret(secrets: Secrets, id: unknown): Secret | undefined {
  if (typeof id !== "string") return undefined;
  const byArn = secrets.get(id);
  if (byArn) return byArn;
  return [...secrets.values()].find(({ name, arn }) => name === id || arn.replace(/-[^-]{6}$/, "") === id);
}

export function secretWith(secrets: Secrets, id: unknown): Secret {
  const secret = findSecret(secrets, id);
  if (!secret) throw notFound();
  return secret;
}

/** Most operations refuse a secret in its recovery window. */
export function livingSecret(secrets: Secrets, id: unknown): Secret {
  const secret = secretWith(secrets, id);
  if (secret.deletedAtMs !== undefined) {
    throw invalidRequest(
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  return secret;
}

interface NewSecret {
  readonly name: string;
  readonly description?: string | undefined;
  readonly tags?: readonly unknown[] | undefined;
}

export function makeSecret(
  secrets: Secrets,
  localAws: LocalAws,
  { name, description, tags = [] }: NewSecret,
): Secret {
  if (!/^[\w/+=.@!-]{1,512}$/.test(name)) {
    throw new AwsError(
      "ValidationException",
      "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
    );
  }
  const existing = [...secrets.values()].find((secret) => secret.name === name);
  if (existing?.deletedAtMs !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  if (existing) throw exists(`The operation failed because the secret ${name} already exists.`);
  const nowMs = localAws.clock.now();
  const secret: Secret = {
    arn: localAws.arn("secretsmanager", `secret:${name}-${arnSuffix(name, secrets.size)}`),
    name,
    createdAtMs: nowMs,
    changedAtMs: nowMs,
    tags,
    versions: new Map(),
    ...(description === undefined ? {} : { description }),
  };
  secrets.set(secret.arn, secret);
  return secret;
}

interface NewVersion extends SecretValue {
  readonly id: string;
  readonly nowMs: number;
  readonly stages?: readonly string[];
}

export function putVersion(secret: Secret, { id, nowMs, stages = [CURRENT], ...value }: NewVersion): Version {
  const same = secret.versions.get(id);
  if (same) {
    if (same.text === value.text && same.binary === value.binary) return same;
    throw exists(
      `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
    );
  }
  const version: Version = { ...value, id, createdAtMs: nowMs, stages: new Set() };
  const labels = secret.versions.size === 0 ? new Set([...stages, CURRENT]) : new Set(stages);
  secret.versions.set(id, version);
  for (const label of labels) moveLabel(secret, label, version);
  for (const [key, { stages: left }] of secret.versions) if (left.size === 0) secret.versions.delete(key);
  secret.changedAtMs = nowMs;
  return version;
}

function moveLabel(secret: Secret, label: string, to: Version): void {
  const from = versionAt(secret, label);
  if (from === to) return;
  from?.stages.delete(label);
  to.stages.add(label);
  if (label === CURRENT && from) moveLabel(secret, PREVIOUS, from);
}

export const versionAt = (secret: Secret, stage: string): Version | undefined =>
  [...secret.versions.values()].find(({ stages }) => stages.has(stage));

/** The version asked for by ID, by label or by both; else the current one. */
export function versionWith(secret: Secret, versionId?: string, stage?: string): Version {
  if (versionId === undefined) {
    const version = versionAt(secret, stage ?? CURRENT);
    if (!version) throw notFound(`the specified secret value for staging label: ${stage ?? CURRENT}`);
    return version;
  }
  const version = secret.versions.get(versionId);
  if (!version) throw notFound(`the specified secret value for VersionId: ${versionId}`);
  if (stage !== undefined && !version.stages.has(stage)) {
    throw invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
  }
  return version;
}
