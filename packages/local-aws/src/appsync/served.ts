/** What a request needs of the service, whichever way it comes. */
import type { LocalAws } from "../local-aws.ts";
import type { GraphqlApi } from "./apis.ts";
import type { GraphqlReply, GraphqlRequest } from "./execution.ts";
import type { Identity, JwksOf } from "./identity.ts";

export interface Served {
  readonly localAws: LocalAws;
  readonly api: GraphqlApi;
  readonly jwksOf: JwksOf;
  answer(request: GraphqlRequest, identity: Identity): Promise<GraphqlReply>;
}
