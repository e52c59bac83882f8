/** Resource types that make no difference on a laptop: they exist so that others can refer to them. */
import type { ResourceRequest, ResourceTypes } from "../resource.ts";

const named = (property: string) => (request: ResourceRequest) => {
  const name = (request.properties[property] as string | undefined) ?? request.physicalName();
  return { ref: name, attributes: { Name: name } };
};

export function plainResources(account: string, region: string): ResourceTypes {
  return {
    "AWS::CDK::Metadata": { honoured: [], ignored: ["Analytics"], create: named("Analytics") },
    "AWS::Logs::LogGroup": {
      honoured: ["LogGroupName"],
      ignored: ["RetentionInDays", "KmsKeyId", "LogGroupClass", "Tags"],
      create(request) {
        const { ref } = named("LogGroupName")(request);
        return { ref, attributes: { Arn: `arn:aws:logs:${region}:${account}:log-group:${ref}:*` } };
      },
    },
    "AWS::Logs::ResourcePolicy": {
      honoured: ["PolicyName"],
      ignored: ["PolicyDocument"],
      create: named("PolicyName"),
    },
    "AWS::Logs::QueryDefinition": {
      honoured: ["Name"],
      ignored: ["QueryString", "LogGroupNames", "QueryLanguage"],
      create: named("Name"),
    },
    "AWS::Logs::MetricFilter": {
      honoured: ["FilterName"],
      ignored: ["FilterPattern", "LogGroupName", "MetricTransformations"],
      create: named("FilterName"),
    },
  };
}
