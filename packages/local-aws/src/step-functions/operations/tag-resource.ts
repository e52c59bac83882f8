/** TagResource. Only state machines have tags here. */
import type { Machine } from "../engine/execution.ts";
import { AwsError, type Operation } from "../../local-aws.ts";
import { isObject } from "../definition/definition.ts";
import { checkedArn, type Machines } from "../machines.ts";
import type { Engine } from "../engine/visit.ts";
import { checkLength } from "./constraints.ts";
import { textOf } from "../wire-text.ts";

const MAX_TAGS = 50;

export const tagResource = ({ machines }: Engine): Operation => ({
  permissions: ({ resourceArn }) => [{ action: "states:TagResource", resource: String(resourceArn) }],
  run({ resourceArn, tags }) {
    const machine = taggedMachine(machines, resourceArn);
    const given = checkedTags(tags);
    const all = new Set([...machine.tags.keys(), ...given.map(([key]) => key)]);
    if (all.size > MAX_TAGS) {
      throw new AwsError("TooManyTags", `Too many tags: '${machine.arn}'`, 400, {
        resourceName: machine.arn,
      });
    }
    for (const [key, value] of given) machine.tags.set(key, value);
    return {};
  },
});

export function taggedMachine(machines: Machines, arn: unknown): Machine {
  const text = checkedArn(arn, "stateMachine", "resourceArn");
  const found = machines.all().find((each) => each.arn === text);
  if (found) return found;
  throw new AwsError("ResourceNotFound", `Resource not found: '${text}'`, 400, { resourceName: text });
}

export function checkedTags(tags: unknown): [string, string][] {
  if (!Array.isArray(tags)) throw new AwsError("ValidationException", "'tags' must be a list");
  return (tags as unknown[]).map((tag, index) => {
    const { key, value } = isObject(tag) ? tag : {};
    checkLength(`tags.${index + 1}.member.key`, key, 128);
    checkLength(`tags.${index + 1}.member.value`, value, 256);
    if (typeof key === "string" && key !== "") return [key, textOf(value ?? "")];
    throw new AwsError("ValidationException", "Each tag must have a key");
  });
}
