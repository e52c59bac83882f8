/** Cognito's refusals, in its own words. */
import { AwsError } from "../local-aws.ts";

export const notAuthorized = (message: string): AwsError => new AwsError("NotAuthorizedException", message);
export const invalidParameter = (message: string): AwsError =>
  new AwsError("InvalidParameterException", message);
export const notFound = (message: string): AwsError => new AwsError("ResourceNotFoundException", message);
export const userNotFound = (message: string): AwsError => new AwsError("UserNotFoundException", message);

export const wrongCredentials = (): AwsError => notAuthorized("Incorrect username or password.");
export const expiredCode = (): AwsError =>
  new AwsError("ExpiredCodeException", "Invalid code provided, please request a code again.");
export const codeMismatch = (): AwsError =>
  new AwsError("CodeMismatchException", "Invalid verification code provided, please try again.");
export const limitExceeded = (): AwsError =>
  new AwsError("LimitExceededException", "Attempt limit exceeded, please try after some time.");
/** An app's request about a name that its client does not know. */
export const unknownUsername = (): AwsError => userNotFound("Username/client id combination not found.");
export const userDisabled = (): AwsError => notAuthorized("User is disabled.");
