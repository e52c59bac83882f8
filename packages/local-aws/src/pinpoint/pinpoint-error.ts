/** Errors of the Pinpoint API, whose body has `Message` and `RequestID`. */
import { randomUUID } from "node:crypto";
import { AwsError } from "../local-aws.ts";

/** Message and request IDs; the only source of randomness of this folder. */
export const newId = (): string => randomUUID();

function pinpointError(code: string, status: number, message: string): AwsError {
  return new AwsError(code, message, status, { Message: message, RequestID: newId() });
}

export const badRequest = (message: string): AwsError => pinpointError("BadRequestException", 400, message);
export const notFound = (): AwsError => pinpointError("NotFoundException", 404, "Resource not found");
export const tooManyRequests = (): AwsError =>
  pinpointError("TooManyRequestsException", 429, "Too many requests");
