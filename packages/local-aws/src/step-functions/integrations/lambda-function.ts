/** A function's own ARN as the resource: its result is the payload alone. */
import type { Json } from "../../local-aws.ts";
import type { IntegrationCall } from "./integration-call.ts";
import { invokeFunction } from "./lambda-invoke.ts";

export async function invokeByArn(functionArn: string, call: IntegrationCall): Promise<Json> {
  const reply = await invokeFunction({
    ...call,
    arguments: { FunctionName: functionArn, Payload: call.arguments },
  });
  return (reply as { Payload: Json }).Payload;
}
