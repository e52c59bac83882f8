/**
 * The side of a custom resource that CloudFormation sees: one request, one reply to its pre-signed address. CloudFormation waits
 * an hour for a missing reply, so failures are replied too. A reply that cannot be delivered fails the invocation, and Lambda
 * repeats it with the same request, twice, so the work must be safe to repeat.
 */
import * as z from "zod/mini";
import { defineHandler, type Handler, edge, logger } from "./handler.ts";

const customResourceRequest = z.object({
  RequestType: z.enum(["Create", "Update", "Delete"]),
  ResponseURL: z.url(),
  StackId: z.string(),
  /** The same in each repeat of a request. */
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.optional(z.string()),
  /** As in the template. */
  ResourceProperties: z.optional(z.record(z.string(), z.unknown())),
});
export type CustomResourceRequest = z.infer<typeof customResourceRequest>;

/** Before the second reply and before the third. */
const PAUSES_MS = [1_000, 4_000];
const REPLY_MS = 10_000;

interface Outcome {
  readonly Status: "SUCCESS" | "FAILED";
  readonly PhysicalResourceId: string;
  readonly Reason?: string;
}

/** `work` gives the physical id. */
export const customResource = (work: (request: CustomResourceRequest) => Promise<string>): Handler =>
  defineHandler(customResourceRequest, async (request) => reply(request, await outcomeOf(work, request)));

async function outcomeOf(
  work: (request: CustomResourceRequest) => Promise<string>,
  request: CustomResourceRequest,
): Promise<Outcome> {
  const { RequestType, LogicalResourceId, PhysicalResourceId, RequestId } = request;
  try {
    return { Status: "SUCCESS", PhysicalResourceId: await work(request) };
  } catch (error) {
    const Reason = error instanceof Error ? error.message : String(error);
    logger.error("custom resource", {
      requestType: RequestType,
      resource: LogicalResourceId,
      reason: Reason,
    });
    return { Status: "FAILED", PhysicalResourceId: PhysicalResourceId ?? RequestId, Reason };
  }
}

async function reply(request: CustomResourceRequest, outcome: Outcome): Promise<void> {
  const { StackId, RequestId, LogicalResourceId, ResponseURL } = request;
  // The address is signed without a content type, and a text body would add one.
  const body = Buffer.from(JSON.stringify({ StackId, RequestId, LogicalResourceId, ...outcome }));
  const deliver = async () => {
    const { ok, status } = await fetch(ResponseURL, {
      method: "PUT",
      body,
      signal: AbortSignal.timeout(REPLY_MS),
    });
    if (!ok) throw new Error(`CloudFormation refused the reply with status ${status}`);
  };
  for (const pauseMs of PAUSES_MS) {
    try {
      return await deliver();
    } catch (error) {
      logger.warn("reply not delivered", error as Error);
      await edge.pause(pauseMs);
    }
  }
  await deliver();
}
