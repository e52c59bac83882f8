/** GraphQL over HTTP, as AppSync speaks it: 200 with data and errors, or 400 and 401 with errors alone. */
import * as z from "zod";
import { headerOf, type HttpRequest, type HttpResponse } from "../http-api/http-message.ts";
import type { GraphqlRequest } from "./execution.ts";
import { RequestError } from "./graphql-error.ts";
import { identify } from "./identity.ts";
import { jsonIn } from "./nesting.ts";
import type { Served } from "./served.ts";
import type { SignedRequest } from "./signature.ts";

const MAX_BODY_BYTES = 1_048_576;

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amz-user-agent,ETag,Date",
};

const bodySchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

export async function answerHttp(served: Served | undefined, request: HttpRequest): Promise<HttpResponse> {
  if (request.method === "OPTIONS") return preflight(request);
  try {
    if (!served) throw new RequestError(404, "NotFoundException", "There is no GraphQL API.");
    const authorization = headerOf(request, "authorization");
    const identity = await identify(served, {
      authorization,
      sourceIp: request.sourceIp,
      signed: signedIn(request),
    });
    return json(200, await served.answer(graphqlRequest(request), identity));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { status, errorType, message } = error;
    return json(status, { errors: [{ errorType, message }] }, { "x-amzn-errortype": errorType });
  }
}

const signedIn = (request: HttpRequest): SignedRequest => ({
  path: request.path,
  query: request.query,
  headers: Object.fromEntries(Object.keys(request.headers).map((name) => [name, headerOf(request, name)])),
  body: request.body ?? "",
});

function graphqlRequest({ method, body, headers }: HttpRequest): GraphqlRequest {
  if (method !== "POST") {
    throw new RequestError(
      405,
      "UnsupportedOperation",
      `${method} is not part of the local runtime: use POST`,
    );
  }
  const malformed = (message: string) => new RequestError(400, "MalformedHttpRequestException", message);
  if (!body || body.length === 0) throw malformed("Request body is empty.");
  if (body.length > MAX_BODY_BYTES)
    throw new RequestError(413, "RequestEntityTooLargeException", "Request too large.");
  const parsed = bodySchema.safeParse(jsonIn(body.toString()));
  if (!parsed.success) throw malformed("Unable to parse GraphQL query.");
  // A resolver sees every header but the credentials.
  const { authorization: _, ...shown } = headers;
  return { ...parsed.data, headers: shown };
}

function preflight(request: HttpRequest): HttpResponse {
  const asked = headerOf(request, "access-control-request-headers") ?? "*";
  const headers = {
    ...CORS,
    "access-control-allow-methods": "OPTIONS,POST",
    "access-control-allow-headers": asked,
    "access-control-max-age": "172800",
  };
  return { status: 200, headers, body: "" };
}

const json = (status: number, body: unknown, more: Record<string, string> = {}): HttpResponse => ({
  status,
  headers: { "content-type": "application/json;charset=UTF-8", ...CORS, ...more },
  body: JSON.stringify(body),
});
