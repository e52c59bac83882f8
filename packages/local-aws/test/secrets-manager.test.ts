import { afterEach, beforeEach, expect, test } from "vitest";
import { type Clock, virtualClock } from "../src/clock.ts";
import { type LocalAws, openLocalAws, PERSON, type Permission, type Shape } from "../src/local-aws.ts";
import { createSecretsManager, type SecretsManager } from "../src/secrets-manager/secrets-manager.ts";

let clock: Clock;
let localAws: LocalAws;
let secretsManager: SecretsManager;
let asked: Permission[];

beforeEach(() => {
  clock = virtualClock();
  asked = [];
  const authorizer = { check: (_: string, permission: Permission) => void asked.push(permission) };
  localAws = openLocalAws({ clock, authorizer, region: "us-east-1", account: "000000000000", quotas: true });
  secretsManager = createSecretsManager(localAws);
  localAws.register(secretsManager.service);
});
afterEach(() => clock.dispose());

interface Reply {
  ARN: string;
  VersionId: string;
  SecretString?: string;
  VersionStages?: string[];
}

const call = (operation: string, input: Shape): Promise<Reply> =>
  localAws.call({ service: "secretsmanager", operation, input, caller: PERSON }) as unknown as Promise<Reply>;
const get = (input: Shape = {}): Promise<Reply> =>
  call("GetSecretValue", { SecretId: "signing-key", ...input });
const createKey = (SecretString = "one"): Promise<Reply> =>
  call("CreateSecret", { Name: "signing-key", SecretString });

function createResource(properties: Shape) {
  const request = { logicalId: "Secret", physicalName: () => "Orders-Secret-x", assetPath: () => "" };
  return secretsManager.resources["AWS::SecretsManager::Secret"]!.create({ ...request, properties });
}

test("a secret is found by its name, its ARN, and its ARN without the suffix", async () => {
  const { ARN, VersionId } = await createKey();
  expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-key-\w{6}$/);
  for (const SecretId of ["signing-key", ARN, ARN.slice(0, -7)]) {
    expect(await get({ SecretId })).toEqual({
      ARN,
      Name: "signing-key",
      VersionId,
      SecretString: "one",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: clock.now() / 1_000,
    });
  }
});

test("a new value becomes current, the old one previous, and the one before is gone", async () => {
  const first = await createKey();
  await call("PutSecretValue", { SecretId: "signing-key", SecretString: "two" });
  await call("UpdateSecret", { SecretId: "signing-key", SecretString: "three" });
  expect((await get()).SecretString).toBe("three");
  expect((await get({ VersionStage: "AWSPREVIOUS" })).SecretString).toBe("two");
  await expect(get({ VersionId: first.VersionId })).rejects.toMatchObject({
    code: "ResourceNotFoundException",
  });
});

test("a value put under a label of its own leaves the current one alone", async () => {
  await createKey();
  const input = { SecretId: "signing-key", SecretString: "two", VersionStages: ["AWSPENDING"] };
  await call("PutSecretValue", input);
  expect((await get()).SecretString).toBe("one");
  expect((await get({ VersionStage: "AWSPENDING" })).SecretString).toBe("two");
});

test("a repeated request token makes no second version, and takes no other value", async () => {
  await createKey();
  const input = { SecretId: "signing-key", SecretString: "two", ClientRequestToken: "a".repeat(32) };
  await call("PutSecretValue", input);
  await call("PutSecretValue", input);
  expect((await get({ VersionStage: "AWSPREVIOUS" })).SecretString).toBe("one");
  const other = call("PutSecretValue", { ...input, SecretString: "three" });
  await expect(other).rejects.toMatchObject({ code: "ResourceExistsException" });
});

test("what is missing is named as AWS words it", async () => {
  const code = "ResourceNotFoundException";
  const noSecret = { code, message: "Secrets Manager can't find the specified secret." };
  await expect(get()).rejects.toMatchObject(noSecret);
  await call("CreateSecret", { Name: "signing-key" });
  const message = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
  await expect(get()).rejects.toMatchObject({ code, message });
});

test("a deleted secret is refused until its recovery window ends, and then its name is free", async () => {
  await createKey();
  await call("DeleteSecret", { SecretId: "signing-key", RecoveryWindowInDays: 7 });
  await expect(get()).rejects.toMatchObject({ code: "InvalidRequestException" });
  await expect(createKey()).rejects.toMatchObject({ code: "InvalidRequestException" });
  await clock.advance(7 * 24 * 3_600_000);
  await createKey("new");
  await call("DeleteSecret", { SecretId: "signing-key", ForceDeleteWithoutRecovery: true });
  await expect(get()).rejects.toMatchObject({ code: "ResourceNotFoundException" });
});

test("ListSecrets pages through the secrets that are not deleted", async () => {
  for (const Name of ["a", "b", "c"]) await call("CreateSecret", { Name, SecretString: Name });
  await call("DeleteSecret", { SecretId: "b" });
  const first = await call("ListSecrets", { MaxResults: 1 });
  expect(first).toMatchObject({ SecretList: [{ Name: "a" }], NextToken: expect.any(String) });
  const { NextToken } = first as unknown as Shape;
  const second = await call("ListSecrets", { NextToken });
  expect(second).toMatchObject({ SecretList: [{ Name: "c" }] });
  expect(second).not.toHaveProperty("NextToken");
});

test("a role is asked for the whole ARN of the secret, however it names it", async () => {
  const { ARN } = await createKey();
  const caller = { kind: "role", arn: "arn:aws:iam::000000000000:role/rest-entrypoint" } as const;
  const input = { SecretId: "signing-key" };
  await localAws.call({ service: "secretsmanager", operation: "GetSecretValue", input, caller });
  expect(asked).toEqual([{ action: "secretsmanager:GetSecretValue", resource: ARN }]);
});

test("CloudFormation creates a secret that is given, generated or still empty", async () => {
  const given = await createResource({ Name: "given", SecretString: "text" });
  expect((await get({ SecretId: given.ref })).SecretString).toBe("text");
  const rules = {
    SecretStringTemplate: '{"user":"alice"}',
    GenerateStringKey: "password",
    PasswordLength: 12,
    ExcludePunctuation: true,
  };
  const generated = await createResource({ Name: "generated", GenerateSecretString: rules });
  const { user, password } = JSON.parse((await get({ SecretId: generated.ref })).SecretString ?? "") as Shape;
  expect(user).toBe("alice");
  expect(password).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{12}$/);
  const empty = await createResource({});
  await expect(get({ SecretId: empty.ref })).rejects.toThrow("staging label: AWSCURRENT");
});

test("a dynamic reference resolves to the whole secret or to one of its keys", async () => {
  const { ARN } = await createKey('{"kid":"k1","n":2}');
  const { resolveDynamicReference } = secretsManager;
  expect(resolveDynamicReference("{{resolve:secretsmanager:signing-key}}")).toBe('{"kid":"k1","n":2}');
  const both = `{{resolve:secretsmanager:${ARN}:SecretString:kid::}}/{{resolve:secretsmanager:signing-key:SecretString:n}}`;
  expect(resolveDynamicReference(both)).toBe("k1/2");
  expect(resolveDynamicReference("nothing to resolve")).toBe("nothing to resolve");
  const missing = () => resolveDynamicReference("{{resolve:secretsmanager:signing-key:SecretString:nope}}");
  expect(missing).toThrow("no key nope");
});

test("an unknown member of a request is refused by its name", async () => {
  const refused = call("CreateSecret", { Name: "a", AddReplicaRegions: [{ Region: "eu-west-1" }] });
  await expect(refused).rejects.toThrow("AddReplicaRegions");
});
