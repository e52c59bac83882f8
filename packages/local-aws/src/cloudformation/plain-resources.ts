/** Resource types that make no difference on a laptop: they exist so that others can refer to them. */
import type { ResourceRequest, ResourceTypes } from "../resource.ts";

const named = (property: string) => (request: ResourceRequest) => {
  const name = (request.properties[property] as string | undefined) ?? request.physicalName();
  return { ref: name, attributes: { Name: name } };
};

export function plainResources(): ResourceTypes {
  return {
    "AWS::CDK::Metadata": { honoured: [], ignored: ["Analytics"], create: named("Analytics") },
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
