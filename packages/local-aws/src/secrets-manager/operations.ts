/** The operations of Secrets Manager. */
import { AwsError, type LocalAws, type Operation, type Shape } from "../local-aws.ts";
import { findSecret, invalidParameter, invalidRequest, livingSecret, makeSecret } from "./secrets.ts";
import { newVersionId, putVersion, type Secret, type Secrets, secretWith, versionWith } from "./secrets.ts";
import { read, requests, valueOf } from "./requests.ts";

const DAY_MS = 24 * 3_600_000;
const RECOVERY_DAYS = 30;
const LONGEST_TIMER_MS = 20 * DAY_MS;

const epochSeconds = (ms: number): number => ms / 1_000;

export function secretOperations(secrets: Secrets, localAws: LocalAws): Record<string, Operation> {
  const runs: Record<keyof typeof requests, (input: Shape) => Shape> = {
    CreateSecret: (input) => createSecret(secrets, localAws, input),
    GetSecretValue: (input) => getSecretValue(secrets, localAws, input),
    PutSecretValue: (input) => putSecretValue(secrets, localAws, input),
    UpdateSecret: (input) => updateSecret(secrets, localAws, input),
    DescribeSecret: (input) => describe(secretWith(secrets, read(requests.DescribeSecret, input).SecretId)),
    DeleteSecret: (input) => deleteSecret(secrets, localAws, input),
    ListSecrets: (input) => listSecrets(secrets, input),
  };
  const operations = Object.entries(runs).map(([name, run]): [string, Operation] => [
    name,
    {
      permissions: (input) => [{ action: `secretsmanager:${name}`, resource: resourceOf(name, input) }],
      run(input) {
        localAws.meter("secretsmanager:api-call", 1);
        return run(input);
      },
    },
  ]);

  function resourceOf(name: string, input: Shape): string {
    if (name === "ListSecrets") return "*";
    const id = String(input[name === "CreateSecret" ? "Name" : "SecretId"]);
    return (
      findSecret(secrets, id)?.arn ??
      (id.startsWith("arn:") ? id : localAws.arn("secretsmanager", `secret:${id}`))
    );
  }
  return Object.fromEntries(operations);
}

function createSecret(secrets: Secrets, localAws: LocalAws, input: Shape): Shape {
  const asked = read(requests.CreateSecret, input);
  const given = valueOf(asked);
  const secret = makeSecret(secrets, localAws, {
    name: asked.Name,
    description: asked.Description,
    tags: asked.Tags,
  });
  const { arn: ARN, name: Name } = secret;
  if (!given) return { ARN, Name };
  const id = asked.ClientRequestToken ?? newVersionId();
  putVersion(secret, { ...given, id, nowMs: localAws.clock.now() });
  secrets.set(ARN, secret);
  return { ARN, Name, VersionId: id };
}

function getSecretValue(secrets: Secrets, localAws: LocalAws, input: Shape): Shape {
  const asked = read(requests.GetSecretValue, input);
  const secret = livingSecret(secrets, asked.SecretId);
  const version = versionWith(secret, asked.VersionId, asked.VersionStage);
  secret.accessedAtMs = localAws.clock.now();
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    ...(version.text === undefined ? { SecretBinary: version.binary } : { SecretString: version.text }),
    VersionStages: [...version.stages],
    CreatedDate: epochSeconds(version.createdAtMs),
  };
}

function putSecretValue(secrets: Secrets, localAws: LocalAws, input: Shape): Shape {
  const asked = read(requests.PutSecretValue, input);
  const secret = livingSecret(secrets, asked.SecretId);
  const given = valueOf(asked);
  if (!given) throw invalidRequest("You must provide either SecretString or SecretBinary.");
  const id = asked.ClientRequestToken ?? newVersionId();
  const stages = asked.VersionStages ? { stages: asked.VersionStages } : {};
  const version = putVersion(secret, { ...given, id, nowMs: localAws.clock.now(), ...stages });
  secrets.set(secret.arn, secret);
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: [...version.stages] };
}

function updateSecret(secrets: Secrets, localAws: LocalAws, input: Shape): Shape {
  const asked = read(requests.UpdateSecret, input);
  const secret = livingSecret(secrets, asked.SecretId);
  if (asked.Description !== undefined) secret.description = asked.Description;
  const given = valueOf(asked);
  const { arn: ARN, name: Name } = secret;
  secrets.set(ARN, secret);
  if (!given) return { ARN, Name };
  const id = asked.ClientRequestToken ?? newVersionId();
  putVersion(secret, { ...given, id, nowMs: localAws.clock.now() });
  secrets.set(ARN, secret);
  return { ARN, Name, VersionId: id };
}

function deleteSecret(secrets: Secrets, localAws: LocalAws, input: Shape): Shape {
  const asked = read(requests.DeleteSecret, input);
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: force } = asked;
  if (force && days !== undefined) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  const secret = livingSecret(secrets, asked.SecretId);
  const waitMs = force ? 0 : (days ?? RECOVERY_DAYS) * DAY_MS;
  secret.deletedAtMs = localAws.clock.now() + waitMs;
  secrets.set(secret.arn, secret);
  forgetLater(secrets, localAws, secret);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(secret.deletedAtMs) };
}

/** Those of an earlier run whose recovery window has ended meanwhile, and later the others. */
export function forgetDeleted(secrets: Secrets, localAws: LocalAws): void {
  for (const secret of secrets.values()) forgetLater(secrets, localAws, secret);
}

function forgetLater(secrets: Secrets, localAws: LocalAws, secret: Secret): void {
  const { arn, deletedAtMs } = secret;
  const { clock } = localAws;
  if (deletedAtMs === undefined) return;
  const waitMs = deletedAtMs - clock.now();
  if (waitMs <= 0) secrets.delete(arn);
  // A timer holds at most 24 days: then the rest is waited for.
  else clock.after(Math.min(waitMs, LONGEST_TIMER_MS), () => forgetLater(secrets, localAws, secret));
}

function listSecrets(secrets: Secrets, input: Shape): Shape {
  const asked = read(requests.ListSecrets, input);
  const shown = [...secrets.values()].filter(
    ({ deletedAtMs }) => asked.IncludePlannedDeletion || deletedAtMs === undefined,
  );
  const start = Number(asked.NextToken ?? 0);
  if (!Number.isInteger(start))
    throw new AwsError("InvalidNextTokenException", "The NextToken value is invalid.");
  const end = start + (asked.MaxResults ?? 100);
  const SecretList = shown.slice(start, end).map((secret) => {
    const { VersionIdsToStages, ...rest } = describe(secret);
    return { ...rest, SecretVersionsToStages: VersionIdsToStages };
  });
  return { SecretList, ...(end < shown.length ? { NextToken: String(end) } : {}) };
}

function describe(secret: Secret): Shape {
  const { arn, name, description, createdAtMs, changedAtMs, accessedAtMs, deletedAtMs } = secret;
  const stages = [...secret.versions.values()].map(({ id, stages: labels }) => [id, [...labels]]);
  return {
    ARN: arn,
    Name: name,
    ...(description === undefined ? {} : { Description: description }),
    Tags: secret.tags,
    CreatedDate: epochSeconds(createdAtMs),
    LastChangedDate: epochSeconds(changedAtMs),
    // AWS keeps the day of the last access only.
    ...(accessedAtMs === undefined
      ? {}
      : { LastAccessedDate: epochSeconds(Math.floor(accessedAtMs / DAY_MS) * DAY_MS) }),
    ...(deletedAtMs === undefined ? {} : { DeletedDate: epochSeconds(deletedAtMs) }),
    VersionIdsToStages: Object.fromEntries(stages),
  };
}
