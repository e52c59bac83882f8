/** ListTagsForResource. */
import type { Operation } from "../../local-aws.ts";
import type { Engine } from "../engine/visit.ts";
import { taggedMachine } from "./tag-resource.ts";

export const listTagsForResource = ({ machines }: Engine): Operation => ({
  permissions: ({ resourceArn }) => [{ action: "states:ListTagsForResource", resource: String(resourceArn) }],
  run({ resourceArn }) {
    const { tags } = taggedMachine(machines, resourceArn);
    return { tags: [...tags].map(([key, value]) => ({ key, value })) };
  },
});
