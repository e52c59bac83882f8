/** What passes local AWS: a call, who makes it, and an error in the words of AWS. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** The wire shape of a request or reply: what the SDK sends as JSON, with wire names. */
export type Shape = Record<string, unknown>;

/** An error as AWS words it. `fields` are further members of the error body. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  readonly fields: Shape;
  constructor(code: string, message: string, status = 400, fields: Shape = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = fields;
  }
}

export type Caller =
  /** A role: its policies are enforced. */
  | { readonly kind: "role"; readonly arn: string; readonly functionName?: string }
  /** An AWS service acting for a resource: the target's resource policy is enforced by the target. */
  | { readonly kind: "service"; readonly principal: string; readonly sourceArn: string }
  /** A person with the AWS CLI, a test, or the runtime itself. */
  | { readonly kind: "person" };

export const PERSON: Caller = { kind: "person" };

export interface AwsCall {
  /** IAM prefix of the service: dynamodb, states, events, sqs, lambda, ivs, mobiletargeting, secretsmanager, … */
  readonly service: string;
  /** Name of the API operation: PutItem, StartExecution, … */
  readonly operation: string;
  readonly input: Shape;
  readonly caller: Caller;
}
