/** TagResource, UntagResource and ListTagsForResource, for stages and public keys. */
import * as z from "zod";
import type { Operation } from "../local-aws.ts";
import { invalid, notFound } from "./ivs-error.ts";
import { ivsOperation, publicKeyArn, read, stageArn, tags } from "./request.ts";
import type { World } from "./world.ts";

const MOST_TAGS = 50;

const resourceArn = z.union([stageArn, publicKeyArn]);
const tagRequest = z.strictObject({ resourceArn, tags });
const untagRequest = z.strictObject({ resourceArn, tagKeys: z.array(z.string()).min(1).max(MOST_TAGS) });
const listRequest = z.strictObject({ resourceArn });

export function tagOperations(world: World): Record<string, Operation> {
  /** Sets what was changed again, so that the change lasts. */
  function keep(arn: string): void {
    const [stage, key] = [world.stages.get(arn), world.keys.get(arn)];
    if (stage) world.stages.set(arn, stage);
    if (key) world.keys.set(arn, key);
  }

  function tagsOf(arn: string): Map<string, string> {
    const found = world.stages.get(arn) ?? world.keys.get(arn);
    if (!found) throw notFound(arn);
    return found.tags;
  }
  const declared = { perSecond: 10, on: { member: "resourceArn" } };
  return {
    TagResource: ivsOperation({
      ...declared,
      name: "TagResource",
      run(input) {
        const asked = read(tagRequest, input);
        const existing = tagsOf(asked.resourceArn);
        const merged = { ...Object.fromEntries(existing), ...asked.tags };
        if (Object.keys(merged).length > MOST_TAGS)
          throw invalid("tags", `at most ${MOST_TAGS} tags a resource`);
        for (const [key, value] of Object.entries(asked.tags)) existing.set(key, value);
        keep(asked.resourceArn);
        return {};
      },
    }),
    UntagResource: ivsOperation({
      ...declared,
      name: "UntagResource",
      run(input) {
        const asked = read(untagRequest, input);
        const existing = tagsOf(asked.resourceArn);
        for (const key of asked.tagKeys) existing.delete(key);
        keep(asked.resourceArn);
        return {};
      },
    }),
    ListTagsForResource: ivsOperation({
      ...declared,
      name: "ListTagsForResource",
      run: (input) => ({ tags: Object.fromEntries(tagsOf(read(listRequest, input).resourceArn)) }),
    }),
  };
}
