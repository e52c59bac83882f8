/** The integration: the function is invoked, and given up after the integration's time. */
import { AwsError } from "../local-aws.ts";
import type { Caller, LocalAws, Json, Shape } from "../local-aws.ts";
import type { Integration } from "./apis.ts";
import { gatewayReply } from "./http-message.ts";
import type { HttpResponse } from "./http-message.ts";
import { proxyResponse } from "./proxy-response.ts";

export interface Invocation {
  readonly integration: Integration;
  readonly event: Record<string, Json>;
  readonly sourceArn: string;
}

export async function invokeFunction(localAws: LocalAws, invocation: Invocation): Promise<HttpResponse> {
  const { integration, event, sourceArn } = invocation;
  const caller: Caller = { kind: "service", principal: "apigateway.amazonaws.com", sourceArn };
  const input = { FunctionName: integration.functionArn, InvocationType: "RequestResponse", Payload: event };
  let cancel = (): void => undefined;
  const timeout = new Promise<"timeout">((resolve) => {
    cancel = localAws.clock.after(integration.timeoutMs, () => resolve("timeout"));
  });
  try {
    const call = localAws.call({ service: "lambda", operation: "Invoke", input, caller });
    const reply = await Promise.race([call, timeout]);
    return reply === "timeout" ? gatewayReply(503) : answerOf(reply);
  } catch (error) {
    return refusalOf(error);
  } finally {
    cancel();
  }
}

const answerOf = ({ FunctionError, Payload }: Shape): HttpResponse =>
  FunctionError === undefined ? proxyResponse(Payload) : gatewayReply(500);

/**
 * A function that is throttled is unavailable; one that may not be invoked is a mistake in the template. Lambda takes 6 MB with
 * everything around the body, less than the API's 10.
 */
function refusalOf(error: unknown): HttpResponse {
  if (!(error instanceof AwsError)) throw error;
  if (error.code === "RequestTooLargeException") return gatewayReply(413);
  return gatewayReply(error.code === "TooManyRequestsException" ? 503 : 500);
}
