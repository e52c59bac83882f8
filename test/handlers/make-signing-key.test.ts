import { createPrivateKey, createPublicKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { makeSigningKey, type SigningKeyMaker } from "../../handlers/make-signing-key.ts";

const KID = "arn:aws:ivs:us-east-1:000000000000:public-key/one";

function fakeMaker() {
  const imported: string[] = [];
  const deleted: string[] = [];
  const secrets: { kid: string; pem: string }[] = [];
  const maker: SigningKeyMaker = {
    async importPublicKey(pem) {
      imported.push(pem);
      return KID;
    },
    deletePublicKey: async (arn) => void deleted.push(arn),
    putSecret: async (value) => void secrets.push(value),
  };
  return { ...maker, imported, deleted, secrets };
}

const ask = (RequestType: "Create" | "Update" | "Delete", PhysicalResourceId?: string) => ({
  RequestType,
  PhysicalResourceId,
  ResponseURL: "https://cloudformation.example/reply",
  StackId: "stack",
  RequestId: "request",
  LogicalResourceId: "SigningKey",
});

describe("when the stack is created", () => {
  test("a P-384 key is made: its public half goes to IVS, its private half into the secret", async () => {
    const maker = fakeMaker();
    expect(await makeSigningKey(maker, ask("Create"))).toBe(KID);
    const [secret] = maker.secrets;
    const key = createPrivateKey(secret?.pem ?? "");
    expect([secret?.kid, key.asymmetricKeyDetails?.namedCurve]).toEqual([KID, "secp384r1"]);
    expect(maker.imported).toEqual([createPublicKey(key).export({ type: "spki", format: "pem" })]);
  });

  test("a key whose private half could not be kept does not stay in IVS, which holds three", async () => {
    const maker = fakeMaker();
    const putSecret = () => Promise.reject(new Error("no such secret"));
    await expect(makeSigningKey({ ...maker, putSecret }, ask("Create"))).rejects.toThrow("no such secret");
    expect(maker.deleted).toEqual([KID]);
  });
});

test("an update keeps the key", async () => {
  const maker = fakeMaker();
  expect(await makeSigningKey(maker, ask("Update", KID))).toBe(KID);
  expect([maker.imported, maker.secrets, maker.deleted]).toEqual([[], [], []]);
});

test("when the stack is deleted, so is the public key", async () => {
  const maker = fakeMaker();
  await makeSigningKey(maker, ask("Delete", KID));
  expect(maker.deleted).toEqual([KID]);
});

test("a creation that failed left no key to delete", async () => {
  const maker = fakeMaker();
  await makeSigningKey(maker, ask("Delete", "request"));
  expect(maker.deleted).toEqual([]);
});
