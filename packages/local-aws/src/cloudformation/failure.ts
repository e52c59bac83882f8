/** Why a resource could not be made or removed, in the words that a stack's events have for it. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../local-aws.ts";

/** The resource at which a change of a stack ended. */
export class ResourceFailure extends Error {
  readonly logicalId: string;
  constructor(logicalId: string, reason: string, cause: unknown) {
    super(reason, { cause });
    this.logicalId = logicalId;
  }
}

const ALREADY_EXISTS = "AlreadyExists";

export const alreadyExists = (type: string, identifier: string): AwsError =>
  new AwsError(ALREADY_EXISTS, `Resource of type '${type}' with identifier '${identifier}' already exists.`);

const NOT_FOUND = /NotFound|DoesNotExist|NoSuch|NonExistent/;

export const isNotFound = (error: unknown): boolean =>
  error instanceof AwsError && NOT_FOUND.test(error.code);

/** What CloudFormation's handlers say, or the local runtime itself. */
export function reasonOf(error: unknown, type: string): string {
  if (!(error instanceof AwsError)) return error instanceof Error ? error.message : String(error);
  const { code, message, status } = error;
  const service = type.split("::")[1] ?? type;
  const told =
    code === ALREADY_EXISTS
      ? message
      : `${message} (Service: ${service}, Status Code: ${status}, Request ID: ${randomUUID()})`;
  return `Resource handler returned message: "${told}" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${handlerCode(code)})`;
}

function handlerCode(code: string): string {
  if (/AlreadyExists|AlreadyOwned|ResourceInUse|NameExists/.test(code)) return ALREADY_EXISTS;
  if (NOT_FOUND.test(code)) return "NotFound";
  if (/AccessDenied/.test(code)) return "AccessDenied";
  if (/Throttling|TooManyRequests/.test(code)) return "Throttling";
  if (/Validation|Invalid|NotEmpty/.test(code)) return "InvalidRequest";
  return "GeneralServiceException";
}
