/** aws-sdk:<service>:<action>: any operation of a service that the local runtime has, in the words of the Java SDK. */
import type { Json, Shape } from "../../local-aws.ts";
import { isObject } from "../definition/definition.ts";
import { isoTime } from "../engine/timer.ts";
import { callAsRole } from "./call-as-role.ts";
import type { IntegrationCall } from "./integration-call.ts";

interface SdkService {
  /** Local AWS's name. */
  readonly service: string;
  readonly errorPrefix: string;
  /** On the wire its members begin with a lower-case letter; in a state machine with an upper-case one. */
  readonly camelCase?: boolean;
}

const SERVICES: Readonly<Record<string, SdkService>> = {
  cognitoidentityprovider: { service: "cognito-idp", errorPrefix: "CognitoIdentityProvider" },
  dynamodb: { service: "dynamodb", errorPrefix: "DynamoDb" },
  eventbridge: { service: "events", errorPrefix: "EventBridge" },
  ivsrealtime: { service: "ivs", errorPrefix: "IvsRealTime", camelCase: true },
  lambda: { service: "lambda", errorPrefix: "Lambda" },
  pinpoint: { service: "mobiletargeting", errorPrefix: "Pinpoint" },
  s3: { service: "s3", errorPrefix: "S3" },
  scheduler: { service: "scheduler", errorPrefix: "Scheduler" },
  secretsmanager: { service: "secretsmanager", errorPrefix: "SecretsManager" },
  sfn: { service: "states", errorPrefix: "Sfn", camelCase: true },
  sqs: { service: "sqs", errorPrefix: "Sqs" },
};
/** Members whose keys are data. */
const MAPS = new Set(["attributes", "tags"]);

export const isKnownAction = (service: string, action: string): boolean =>
  Object.hasOwn(SERVICES, service) && /^[a-z]/.test(action);

export async function callAwsSdk(service: string, action: string, call: IntegrationCall): Promise<Json> {
  const found = SERVICES[service];
  if (!found) throw new Error(`no SDK service ${service}`);
  const { errorPrefix, camelCase = false } = found;
  const target = {
    service: found.service,
    operation: action.charAt(0).toUpperCase() + action.slice(1),
    errorPrefix,
    unmodelledError: `${errorPrefix}Exception`,
  };
  const input = camelCase ? (renamed(call.arguments, lowerFirst) as Shape) : call.arguments;
  const isInvoke = found.service === "lambda" && target.operation === "Invoke";
  const reply = await callAsRole(call, target, isInvoke ? withParsedPayload(input) : input);
  if (isInvoke && reply["Payload"] !== undefined) {
    return { ...(reply as Record<string, Json>), Payload: JSON.stringify(reply["Payload"]) };
  }
  // A state sees the bytes of an object as text.
  if (reply["Body"] instanceof Buffer)
    return { ...(reply as Record<string, Json>), Body: reply["Body"].toString() };
  return (camelCase ? renamed(reply, upperFirst) : reply) as Json;
}

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** Renames members; times, which are seconds on the wire, become ISO 8601 on the way back. */
function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    if (MAPS.has(lowerFirst(key))) return [rename(key), item];
    const isTime = rename === upperFirst && typeof item === "number" && /(?:Date|Time)$/.test(key);
    return [rename(key), isTime ? isoTime(item * 1000) : renamed(item, rename)];
  });
  return Object.fromEntries(entries);
}

/** The SDK takes a payload as text; local AWS takes its value. */
function withParsedPayload(input: Shape): Shape {
  const payload = input["Payload"];
  return typeof payload === "string" ? { ...input, Payload: JSON.parse(payload) as unknown } : input;
}
