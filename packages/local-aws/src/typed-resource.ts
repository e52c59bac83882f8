/** A resource type whose properties a schema describes: its keys are what is honoured. */
import * as z from "zod";
import type { CreatedResource, ResourceRequest, ResourceType } from "./resource.ts";

export function typedResource<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  ignored: string,
  create: (properties: z.infer<z.ZodObject<Shape>>, request: ResourceRequest) => CreatedResource,
): ResourceType {
  return {
    honoured: Object.keys(schema.shape),
    ignored: ignored.split(" "),
    create(request) {
      const parsed = schema.safeParse(request.properties);
      if (parsed.success) return create(parsed.data, request);
      const { logicalId } = request;
      throw new Error(`${logicalId}: not part of the local runtime: ${z.prettifyError(parsed.error)}`);
    },
  };
}
