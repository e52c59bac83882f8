/** Cognito's refusals, in its own words. */
import { AwsError } from "../door.ts";

export const notAuthorized = (message: string): AwsError => new AwsError("NotAuthorizedException", message);
export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);
export const notFound = (message: string): AwsError => new AwsError("ResourceNotFoundException", message);
export const userNotFound = (message: string): AwsError => new AwsError("UserNotFoundException", message);

export const wrongCredentials = (): AwsError => notAuthorized("Incorrect username or password.");
export const expiredCode = (): AwsError =>
  new AwsError("ExpiredCodeException", "Invalid code provided, please request a code again.");
