/** What keeps the items: dynalite in this process, or any DynamoDB endpoint. Both answer with wire shapes. */
import { AwsError, type Shape } from "../local-aws.ts";

export interface Engine {
  call(operation: string, input: Shape): Promise<Shape>;
}

/** Some errors of the protocol write "Message". */
export interface ErrorBody extends Shape {
  readonly __type?: string;
  readonly message?: string;
  readonly Message?: string;
}

/** The error body of the DynamoDB protocol as an error of local AWS. */
export function errorOf(body: Shape, status: number): AwsError {
  const { __type: type, message, Message, ...fields } = body as ErrorBody;
  const code = type?.split("#").at(-1) ?? "InternalServerError";
  return new AwsError(code, message ?? Message ?? "", status, fields);
}

export const validationError = (message: string): AwsError => new AwsError("ValidationException", message);
