/**
 * Custom resource: makes the key pair that participant tokens are signed with, imports its public half into IVS and puts
 * the private half into the stack's secret. An update never changes the key. Deleting removes the public key, which
 * ends every token signed with the private one.
 */
import { generateKeyPairSync } from "node:crypto";
import type { CustomResourceRequest } from "../../edge/custom-resource.ts";

/** The secret's content; `madeFor` is the request that made it. */
export interface MadeKey {
  readonly kid: string;
  readonly pem: string;
  readonly madeFor: string;
}

export interface SigningKeyMaker {
  /** ARN of the public key, which gets this name. */
  importPublicKey(pem: string, name: string): Promise<string>;
  /** ARNs of the public keys of this name. */
  publicKeysNamed(name: string): Promise<string[]>;
  deletePublicKey(arn: string): Promise<void>;
  putSecret(value: MadeKey): Promise<void>;
  /** Undefined while the secret holds no key. */
  readSecret(): Promise<(Pick<MadeKey, "kid"> & Partial<Pick<MadeKey, "madeFor">>) | undefined>;
}

type Request = Pick<CustomResourceRequest, "RequestType" | "RequestId" | "PhysicalResourceId">;

/** The ARN of the public key: the resource's physical id. */
export async function makeSigningKey(maker: SigningKeyMaker, request: Request): Promise<string> {
  const { RequestType, PhysicalResourceId } = request;
  switch (RequestType) {
    case "Create":
      return createKey(maker, request);
    case "Update":
      return PhysicalResourceId ?? "";
    case "Delete":
      await deleteKey(maker, PhysicalResourceId);
      return PhysicalResourceId ?? "";
  }
}

/** CloudFormation does not know a key's ARN if the creation got no reply. The secret does, so it is deleted after the key. */
async function deleteKey(maker: SigningKeyMaker, physicalId = ""): Promise<void> {
  const arn = physicalId.startsWith("arn:") ? physicalId : (await maker.readSecret())?.kid;
  if (arn) await maker.deletePublicKey(arn);
}

/** IVS keeps 3 keys a Region, so repeated requests must leave no key there that no secret names. */
async function createKey(maker: SigningKeyMaker, { RequestId }: Request): Promise<string> {
  const made = await maker.readSecret();
  if (made?.madeFor === RequestId) return made.kid;
  const name = `ringmaster-${RequestId}`;
  for (const lost of await maker.publicKeysNamed(name)) await maker.deletePublicKey(lost);
  const { publicKey, privateKey } = generateKeyPairSync("ec", {
    namedCurve: "P-384",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const kid = await maker.importPublicKey(publicKey, name);
  try {
    await maker.putSecret({ kid, pem: privateKey, madeFor: RequestId });
  } catch (error) {
    await maker.deletePublicKey(kid);
    throw error;
  }
  return kid;
}
