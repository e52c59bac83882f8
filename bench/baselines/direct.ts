/**
 * The baseline *direct*: the system before this one. The request itself makes the session and its participants by API, keeps them
 * with the devices, and waits for the function that pushes. Each side's request takes its own part down. There is no workflow and
 * there are no events: phones learn of an end only by asking. It runs on IVS, DynamoDB and Pinpoint through the same local AWS.
 */
import { randomUUID } from "node:crypto";
import { type LocalAws, type Shape } from "../../packages/local-aws/src/local-aws.ts";
import type { Runtime } from "../../packages/local-aws/src/runtime.ts";
import { BASELINE } from "../round-trips/delayed-calls.ts";

export interface Direct {
  initiateCall(callerId: string, calleeId: string): Promise<DirectCall>;
  endCall(call: DirectCall, leg: "caller" | "callee"): Promise<void>;
}

export interface DirectCall {
  readonly stageArn: string;
  readonly participants: Readonly<Record<"caller" | "callee", string>>;
  readonly pushed: boolean;
}

/** `invoke` passes the time of an invocation. */
export function direct(runtime: Runtime, invoke: () => Promise<void> = async () => undefined): Direct {
  const { localAws } = runtime;
  const aws = caller(localAws);
  const TableName = runtime.physicalId("DevicesTable");
  const rowOf = (clientId: string): Shape => ({ pk: { S: `direct#${clientId}` }, sk: { S: "device" } });

  /** The tables are behind AppSync, which the functions call. */
  const throughAppSync = (): void => localAws.meter("appsync:operation", 1);
  const deviceOf = async (clientId: string): Promise<string> => {
    throughAppSync();
    const { Item } = await aws("dynamodb", "GetItem", {
      TableName,
      Key: rowOf(clientId),
      ConsistentRead: true,
    });
    return (Item as { token?: { S: string } } | undefined)?.token?.S ?? `${clientId}-phone`;
  };
  const keep = (clientId: string, participantId: string, stageArn: string): Promise<Shape> => {
    throughAppSync();
    return aws("dynamodb", "UpdateItem", {
      TableName,
      Key: rowOf(clientId),
      UpdateExpression: "SET participantId = :participant, stageArn = :stage",
      ExpressionAttributeValues: { ":participant": { S: participantId }, ":stage": { S: stageArn } },
    });
  };
  const participant = async (stageArn: string, userId: string): Promise<string> => {
    const { participantToken } = await aws("ivs", "CreateParticipantToken", { stageArn, userId });
    return (participantToken as { participantId: string }).participantId;
  };

  /** The second function, which the first invokes and waits for. */
  async function push(deviceToken: string): Promise<void> {
    await invoke();
    localAws.meter("lambda:request", 1);
    const data = JSON.stringify({ type: "incoming_call", callId: randomUUID() });
    const RawContent = JSON.stringify({
      fcmV1Message: { message: { data: { call: data }, android: { priority: "high" } } },
    });
    await aws("mobiletargeting", "SendMessages", {
      ApplicationId: runtime.outputs["PinpointAppId"],
      MessageRequest: {
        Addresses: { [deviceToken]: { ChannelType: "GCM" } },
        MessageConfiguration: { GCMMessage: { RawContent, TimeToLive: 45 } },
      },
    });
  }

  return {
    async initiateCall(callerId, calleeId) {
      localAws.meter("http-api:request", 1);
      localAws.meter("lambda:request", 1);
      const deviceToken = await deviceOf(calleeId);
      const { stage } = await aws("ivs", "CreateStage", {});
      const stageArn = (stage as { arn: string }).arn;
      const [first, second] = await Promise.all([
        participant(stageArn, callerId),
        participant(stageArn, calleeId),
      ]);
      await Promise.all([keep(callerId, first, stageArn), keep(calleeId, second, stageArn)]);
      await push(deviceToken);
      return { stageArn, participants: { caller: first, callee: second }, pushed: true };
    },
    async endCall({ stageArn, participants }, leg) {
      localAws.meter("http-api:request", 1);
      localAws.meter("lambda:request", 1);
      const participantId = participants[leg];
      await deviceOf(participantId);
      await aws("ivs", "DisconnectParticipant", { stageArn, participantId }).catch(() => undefined);
      // The last participant to leave takes the session down.
      if (leg === "callee") await aws("ivs", "DeleteStage", { arn: stageArn });
      await keep(participantId, "-", "-");
    },
  };
}

const caller =
  (localAws: LocalAws) =>
  (service: string, operation: string, input: Shape): Promise<Shape> =>
    localAws.call({ service, operation, input, caller: BASELINE });
