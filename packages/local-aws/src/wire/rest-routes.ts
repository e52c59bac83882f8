/** The REST JSON services: which method and path is which operation, and how its input and reply are spelled in HTTP. */
import type { Shape } from "../local-aws.ts";
import type { WireRequest } from "./http-message.ts";

export interface RestReply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: unknown;
}

export interface RestRoute {
  readonly service: string;
  readonly method: string;
  /** Named groups become members of the input. */
  readonly path: RegExp;
  readonly operation: string | ((parameters: Record<string, string>) => string);
  readonly input?: (parameters: Record<string, string>, body: Shape, request: WireRequest) => Shape;
  readonly reply?: (output: Shape) => RestReply;
}

const PINPOINT = { service: "mobiletargeting" };
const LAMBDA = { service: "lambda" };
const FUNCTIONS = "/2015-03-31/functions";

/** Pinpoint's bodies are the one payload member itself. */
const member =
  (name: string) =>
  (output: Shape): RestReply => ({ body: output[name] });

export const REST_ROUTES: readonly RestRoute[] = [
  { service: "ivs", method: "GET", path: /^\/tags\/(?<resourceArn>.+)$/, operation: "ListTagsForResource" },
  { service: "ivs", method: "POST", path: /^\/tags\/(?<resourceArn>.+)$/, operation: "TagResource" },
  {
    service: "ivs",
    method: "DELETE",
    path: /^\/tags\/(?<resourceArn>.+)$/,
    operation: "UntagResource",
    input: (parameters, _, { query }) => ({
      ...parameters,
      tagKeys: new URLSearchParams(query).getAll("tagKeys"),
    }),
  },
  {
    service: "ivs",
    method: "POST",
    path: /^\/(?<operation>[A-Z][A-Za-z]+)$/,
    operation: ({ operation = "" }) => operation,
    input: (_, body) => body,
  },
  {
    ...PINPOINT,
    method: "POST",
    path: /^\/v1\/apps\/(?<ApplicationId>[^/]+)\/messages$/,
    operation: "SendMessages",
    input: (parameters, MessageRequest) => ({ ...parameters, MessageRequest }),
    reply: member("MessageResponse"),
  },
  {
    ...PINPOINT,
    method: "GET",
    path: /^\/v1\/apps$/,
    operation: "GetApps",
    input: ({ "page-size": PageSize, token: Token }) => ({
      ...(PageSize !== undefined && { PageSize }),
      ...(Token !== undefined && { Token }),
    }),
    reply: member("ApplicationsResponse"),
  },
  {
    ...PINPOINT,
    method: "GET",
    path: /^\/v1\/apps\/(?<ApplicationId>[^/]+)$/,
    operation: "GetApp",
    reply: member("ApplicationResponse"),
  },
  ...pinpointChannel("gcm", "GetGcmChannel", "GCMChannelResponse"),
  ...pinpointChannel("apns", "GetApnsChannel", "APNSChannelResponse"),
  ...pinpointChannel("apns_sandbox", "GetApnsSandboxChannel", "APNSSandboxChannelResponse"),
  ...pinpointChannel("apns_voip", "GetApnsVoipChannel", "APNSVoipChannelResponse"),
  ...pinpointChannel("apns_voip_sandbox", "GetApnsVoipSandboxChannel", "APNSVoipSandboxChannelResponse"),
  { service: "scheduler", method: "GET", path: /^\/schedule-groups$/, operation: "ListScheduleGroups" },
  {
    service: "scheduler",
    method: "GET",
    path: /^\/schedules$/,
    operation: "ListSchedules",
    input: ({ ScheduleGroup, ...rest }) => ({
      ...rest,
      ...(ScheduleGroup ? { GroupName: ScheduleGroup } : {}),
    }),
  },
  {
    service: "scheduler",
    method: "GET",
    path: /^\/schedules\/(?<Name>[^/]+)$/,
    operation: "GetSchedule",
    input: ({ groupName, ...rest }) => ({ ...rest, ...(groupName ? { GroupName: groupName } : {}) }),
  },
  {
    ...LAMBDA,
    method: "POST",
    path: new RegExp(`^${FUNCTIONS}/(?<FunctionName>[^/]+)/invocations$`),
    operation: "Invoke",
    input: invokeInput,
    reply: invokeReply,
  },
  {
    ...LAMBDA,
    method: "GET",
    path: new RegExp(`^${FUNCTIONS}/(?<FunctionName>[^/]+)/configuration$`),
    operation: "GetFunctionConfiguration",
  },
  {
    ...LAMBDA,
    method: "GET",
    path: new RegExp(`^${FUNCTIONS}/(?<FunctionName>[^/]+)$`),
    operation: "GetFunction",
  },
  { ...LAMBDA, method: "GET", path: new RegExp(`^${FUNCTIONS}/?$`), operation: "ListFunctions" },
  { ...LAMBDA, method: "GET", path: /^\/2016-08-19\/account-settings\/?$/, operation: "GetAccountSettings" },
  { service: "ses", method: "GET", path: /^\/v2\/email\/account$/, operation: "GetAccount" },
  {
    service: "cloudformation",
    method: "PUT",
    path: /^\/(?<RequestId>[0-9a-f-]+)$/,
    operation: "AnswerCustomResource",
    input: ({ RequestId }, Answer) => ({ RequestId, Answer }),
  },
];

function pinpointChannel(channel: string, operation: string, payload: string): RestRoute[] {
  const path = new RegExp(`^/v1/apps/(?<ApplicationId>[^/]+)/channels/${channel}$`);
  return [{ ...PINPOINT, method: "GET", path, operation, reply: member(payload) }];
}

function invokeInput(parameters: Record<string, string>, _: Shape, { headers, body }: WireRequest): Shape {
  const text = body.toString("utf8");
  return {
    FunctionName: parameters["FunctionName"],
    InvocationType: headers["x-amz-invocation-type"] ?? "RequestResponse",
    Payload: text === "" ? {} : JSON.parse(text),
  };
}

function invokeReply({ StatusCode, FunctionError, ExecutedVersion, Payload }: Shape): RestReply {
  const headers: Record<string, string> = {};
  if (typeof FunctionError === "string") headers["x-amz-function-error"] = FunctionError;
  if (typeof ExecutedVersion === "string") headers["x-amz-executed-version"] = ExecutedVersion;
  const status = Number(StatusCode);
  return { status, headers, body: status === 200 ? Payload : undefined };
}
