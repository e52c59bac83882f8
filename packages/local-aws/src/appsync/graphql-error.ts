/** Errors as AppSync words them: those of a field, those of a document, and those of a whole request. */
import { GraphQLError } from "graphql";

/** An error that a resolver raised, or that the service raises for one field. */
export class FieldError extends Error {
  readonly errorType: string | null;
  readonly data: unknown;
  readonly errorInfo: unknown;

  constructor(
    message: string,
    errorType: string | null = null,
    data: unknown = null,
    errorInfo: unknown = null,
  ) {
    super(message);
    this.errorType = errorType;
    this.data = data;
    this.errorInfo = errorInfo;
  }
}

export const unauthorized = (type: string, field: string): FieldError =>
  new FieldError(`Not Authorized to access ${field} on type ${type}`, "Unauthorized");

/** A request that is refused as a whole, with an HTTP status instead of a GraphQL result. */
export class RequestError extends Error {
  readonly status: number;
  readonly errorType: string;

  constructor(status: number, errorType: string, message: string) {
    super(message);
    this.status = status;
    this.errorType = errorType;
  }
}

export interface ErrorReply {
  readonly path: readonly (string | number)[] | null;
  readonly locations: readonly { line: number; column: number; sourceName: null }[] | null;
  readonly message: string;
  readonly data?: unknown;
  readonly errorType?: string | null;
  readonly errorInfo?: unknown;
}

export function errorReply(error: GraphQLError): ErrorReply {
  const locations = (error.locations ?? []).map(({ line, column }) => ({ line, column, sourceName: null }));
  const { originalError } = error;
  if (originalError instanceof FieldError) {
    const { message, errorType, data, errorInfo } = originalError;
    return { path: error.path ?? null, data, errorType, errorInfo, locations, message };
  }
  return { path: error.path ?? null, locations, message: error.message };
}
