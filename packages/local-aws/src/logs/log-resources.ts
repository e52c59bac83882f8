/** AWS::Logs::LogGroup and AWS::Logs::ResourcePolicy. */
import * as z from "zod";
import { type PolicyDocument, refuseUnknownPolicy } from "../iam/resource-policy.ts";
import { nameOf, type ResourceTypes } from "../resource.ts";
import { typedResource } from "../typed-resource.ts";
import type { LogGroups } from "./log-groups.ts";

const logGroup = z.object({
  LogGroupName: z.string().optional(),
  RetentionInDays: z.coerce.number().int().positive().optional(),
});
const policy = z.object({ PolicyName: z.string(), PolicyDocument: z.string() });

/** The policies are the account's: each says itself which groups it is about. */
export function logResources(groups: LogGroups, policies: Map<string, PolicyDocument>): ResourceTypes {
  return {
    "AWS::Logs::LogGroup": {
      ...typedResource(
        logGroup,
        "KmsKeyId LogGroupClass Tags",
        ({ LogGroupName, RetentionInDays }, request) => {
          const { name, arn } = groups.add(LogGroupName ?? request.physicalName(512), RetentionInDays);
          return { ref: name, attributes: { Arn: `${arn}:*` } };
        },
      ),
      replacedBy: ["LogGroupName"],
      namedBy: "LogGroupName",
      taken(request) {
        const name = nameOf(request, "LogGroupName", 512);
        const isThere = groups.all().some((group) => group.name === name);
        return isThere ? JSON.stringify({ "/properties/LogGroupName": name }) : undefined;
      },
      remove: (name) => groups.remove(name),
    },
    "AWS::Logs::ResourcePolicy": {
      ...typedResource(policy, "", ({ PolicyName, PolicyDocument: text }) => {
        // CloudFormation hands the document over as text; what it holds is checked next.
        const document = JSON.parse(text) as PolicyDocument;
        refuseUnknownPolicy(document);
        policies.set(PolicyName, document);
        return { ref: PolicyName };
      }),
      renewedBy: ["PolicyName"],
      namedBy: "PolicyName",
      taken: ({ properties: { PolicyName: name } }) =>
        policies.has(String(name)) ? String(name) : undefined,
      remove: (name) => void policies.delete(name),
    },
  };
}
