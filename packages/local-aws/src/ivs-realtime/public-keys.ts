/** GetPublicKey, ListPublicKeys and DeletePublicKey. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { publicKeyShape } from "./import-public-key.ts";
import { notFound } from "./ivs-error.ts";
import { ivsOperation, maxResults, nextToken, page, publicKeyArn, read } from "./request.ts";
import type { PublicKey, World } from "./world.ts";

const request = z.strictObject({ arn: publicKeyArn });
const listRequest = z.strictObject({
  nextToken: nextToken.optional(),
  maxResults: maxResults(50).optional(),
});

export function publicKeyOperations(world: World): Record<string, Operation> {
  function keyAt(arn: string): PublicKey {
    const key = world.keys.get(arn);
    if (!key) throw notFound(arn);
    return key;
  }
  return {
    GetPublicKey: ivsOperation({
      name: "GetPublicKey",
      perSecond: 3,
      on: { member: "arn" },
      run: (input) => ({ publicKey: publicKeyShape(keyAt(read(request, input).arn)) }),
    }),
    ListPublicKeys: ivsOperation({
      name: "ListPublicKeys",
      perSecond: 3,
      on: { arn: "*" },
      run(input) {
        const { items, ...rest } = page(
          [...world.keys.values()],
          (_, index) => index,
          read(listRequest, input),
        );
        const publicKeys = items.map(({ arn, name, tags }) => ({
          arn,
          name,
          tags: Object.fromEntries(tags),
        }));
        return { publicKeys, ...rest };
      },
    }),
    DeletePublicKey: ivsOperation({
      name: "DeletePublicKey",
      perSecond: 3,
      on: { member: "arn" },
      run(input) {
        world.keys.delete(keyAt(read(request, input).arn).arn);
        return {};
      },
    }),
  };
}
