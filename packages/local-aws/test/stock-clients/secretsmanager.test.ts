import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  paginateListSecrets,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretCommand,
} from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSecretsManager, type SecretsManager } from "../../src/secrets-manager/secrets-manager.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<SecretsManager>;
let secrets: SecretsManagerClient;
const SecretId = "signing-key";

beforeEach(async () => {
  aws = await openStockAws(createSecretsManager);
  secrets = new SecretsManagerClient(aws.settings);
});
afterEach(async () => {
  secrets.destroy();
  await aws.close();
});

const create = (SecretString: string, Name = SecretId) =>
  secrets.send(new CreateSecretCommand({ Name, SecretString }));
const value = () => secrets.send(new GetSecretValueCommand({ SecretId }));

test("a secret is read as it was written, text or bytes, with its time as a date", async () => {
  const created = await create("pem");
  expect(created.ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-key-\w{6}$/);
  expect(await value()).toMatchObject({
    ARN: created.ARN,
    Name: SecretId,
    VersionId: created.VersionId,
    SecretString: "pem",
    VersionStages: ["AWSCURRENT"],
    CreatedDate: new Date(aws.clock.now()),
  });
  const SecretBinary = new Uint8Array([0, 255, 7]);
  const put = await secrets.send(new PutSecretValueCommand({ SecretId, SecretBinary }));
  expect(put.VersionStages).toEqual(["AWSCURRENT"]);
  expect((await value()).SecretBinary).toEqual(SecretBinary);
  const old = await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: "AWSPREVIOUS" }));
  expect(old.SecretString).toBe("pem");
});

test("a secret is described with its versions, also after an update", async () => {
  const { VersionId = "" } = await create("one");
  const updated = await secrets.send(
    new UpdateSecretCommand({ SecretId, SecretString: "two", Description: "signs participant tokens" }),
  );
  const described = await secrets.send(new DescribeSecretCommand({ SecretId }));
  expect(described).toMatchObject({
    Description: "signs participant tokens",
    LastChangedDate: new Date(aws.clock.now()),
    VersionIdsToStages: { [VersionId]: ["AWSPREVIOUS"], [updated.VersionId ?? ""]: ["AWSCURRENT"] },
  });
});

test("secrets are listed page by page", async () => {
  for (const name of ["a", "b", "c"]) await create("x", name);
  const { SecretList } = await secrets.send(new ListSecretsCommand({}));
  expect(SecretList?.map(({ Name, CreatedDate }) => [Name, CreatedDate])).toContainEqual([
    "a",
    new Date(aws.clock.now()),
  ]);
  const pages: number[] = [];
  for await (const page of paginateListSecrets({ client: secrets, pageSize: 2 }, {}))
    pages.push(page.SecretList?.length ?? 0);
  expect(pages).toEqual([2, 1]);
});

test("a deleted secret cannot be read, and is gone after its recovery window", async () => {
  await create("pem");
  const { DeletionDate } = await secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
  expect(DeletionDate).toEqual(new Date(aws.clock.now() + 7 * 86_400_000));
  await expect(value()).rejects.toThrow(InvalidRequestException);
  await aws.clock.advance(7 * 86_400_000);
  await expect(value()).rejects.toThrow(ResourceNotFoundException);
});

test("errors are the client's own classes with AWS's words", async () => {
  await expect(value()).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "Secrets Manager can't find the specified secret.",
    $metadata: { httpStatusCode: 400 },
  });
  await create("pem");
  await expect(create("other")).rejects.toThrow(ResourceExistsException);
  const both = { SecretId, SecretString: "a", SecretBinary: new Uint8Array([1]) };
  await expect(secrets.send(new PutSecretValueCommand(both))).rejects.toThrow(InvalidParameterException);
});

test("a stock client has used every operation of Secrets Manager", () => expect(aws.untried()).toEqual([]));
