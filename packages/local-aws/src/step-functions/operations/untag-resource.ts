/** UntagResource. */
import type { Operation } from "../../local-aws.ts";
import type { Engine } from "../engine/visit.ts";
import { taggedMachine } from "./tag-resource.ts";

export const untagResource = ({ machines }: Engine): Operation => ({
  permissions: ({ resourceArn }) => [{ action: "states:UntagResource", resource: String(resourceArn) }],
  run({ resourceArn, tagKeys }) {
    const { tags } = taggedMachine(machines, resourceArn);
    for (const key of Array.isArray(tagKeys) ? (tagKeys as unknown[]) : []) tags.delete(String(key));
    return {};
  },
});
