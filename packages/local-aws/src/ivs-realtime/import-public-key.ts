/** ImportPublicKey, and the importing that AWS::IVS::PublicKey shares with it. */
import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import * as z from "zod";
import type { LocalAws, Operation, Shape } from "../local-aws.ts";
import { uuid } from "./ids.ts";
import { invalid, quotaExceeded } from "./ivs-error.ts";
import { ivsOperation, read, resourceName, tags } from "./request.ts";
import type { PublicKey, StringMap, World } from "./world.ts";

/** Not adjustable. */
const MOST_KEYS = 3;

const request = z.strictObject({
  publicKeyMaterial: z.string(),
  name: resourceName.optional(),
  tags: tags.optional(),
});

export function importPublicKey(world: World, localAws: LocalAws): Operation {
  return ivsOperation({
    name: "ImportPublicKey",
    perSecond: 3,
    on: { arn: localAws.arn("ivs", "public-key/*") },
    mayTag: true,
    run(input) {
      const { publicKeyMaterial, name = "", tags: given = {} } = read(request, input);
      return {
        publicKey: publicKeyShape(
          addKey(world, localAws, { material: publicKeyMaterial, name, tags: given }),
        ),
      };
    },
  });
}

export function addKey(
  world: World,
  localAws: LocalAws,
  { material, name, tags: given }: { material: string; name: string; tags: StringMap },
): PublicKey {
  const key = readKey(material);
  if (world.keys.size >= MOST_KEYS) throw quotaExceeded("PublicKeys");
  const publicKey = {
    arn: localAws.arn("ivs", `public-key/${uuid()}`),
    name,
    material,
    fingerprint: fingerprintOf(key),
    key,
    tags: new Map(Object.entries(given)),
  };
  world.keys.set(publicKey.arn, publicKey);
  return publicKey;
}

/** Node would also take a private key and use its public half; IVS takes a public key in SPKI form only. */
function readKey(material: string): KeyObject {
  const refuse = () => invalid("publicKeyMaterial", "Member must be an ECDSA P-384 public key in PEM format");
  if (!material.trimStart().startsWith("-----BEGIN PUBLIC KEY-----")) throw refuse();
  let key: KeyObject;
  try {
    key = createPublicKey(material);
  } catch {
    throw refuse();
  }
  if (key.asymmetricKeyDetails?.namedCurve !== "secp384r1") throw refuse();
  return key;
}

function fingerprintOf(key: KeyObject): string {
  const der = key.export({ type: "spki", format: "der" });
  return createHash("md5")
    .update(der)
    .digest("hex")
    .replace(/..(?=.)/g, "$&:");
}

export const publicKeyShape = ({ arn, name, material, fingerprint, tags: given }: PublicKey): Shape => ({
  arn,
  name,
  publicKeyMaterial: material,
  fingerprint,
  tags: Object.fromEntries(given),
});
