/** The port of the AWS APIs: every program on this machine may do everything there, and pages of other sites nothing. */
import type { IncomingMessage } from "node:http";
import { PERSON } from "./local-aws.ts";
import type { HttpResponse } from "./http-api/http-message.ts";
import type { OwnOrigins } from "./own-hosts.ts";
import type { Runtime } from "./runtime.ts";
import { answer } from "./wire/answer.ts";
import type { WireRequest } from "./wire/http-message.ts";

/** A browser's SDK sends headers of its own with every version: whatever a page of this runtime asks for may be sent. */
const CORS = {
  vary: "origin",
  "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
  "access-control-expose-headers": "x-amzn-requestid, x-amzn-errortype, x-amz-function-error",
  "access-control-max-age": "86400",
};

/** The largest request of DynamoDB, which takes the largest of all but S3. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** S3 takes 5 GB at once; here objects are in memory. */
const MAX_OBJECT_BYTES = 128 * 1024 * 1024;

const tooLarge = (bytes: number): HttpResponse => ({
  status: 413,
  headers: { "content-type": "application/json", "x-amzn-errortype": "RequestEntityTooLargeException" },
  body: JSON.stringify({
    __type: "RequestEntityTooLargeException",
    message: `Request must be at most ${bytes} bytes`,
  }),
});

export function awsPortOf(runtime: Runtime, origins: OwnOrigins) {
  async function respond(request: WireRequest): Promise<HttpResponse> {
    const { origin } = request.headers;
    if (!origins.admits(origin)) return foreign(origin);
    const cors = origin === undefined ? {} : { ...CORS, "access-control-allow-origin": origin };
    if (request.method === "OPTIONS") {
      const asked = request.headers["access-control-request-headers"] ?? "*";
      return { status: 204, headers: { ...cors, "access-control-allow-headers": asked }, body: "" };
    }
    const known = request.method === "GET" ? runtime.cognito.wellKnown(request.path) : undefined;
    if (known) {
      const headers = { ...cors, "content-type": "application/json" };
      return { status: known.status, headers, body: textOf(known.body) };
    }
    const reply = await answer(runtime.localAws, request, PERSON);
    return { ...reply, headers: { ...reply.headers, ...cors } };
  }
  return {
    respond,
    limit({ headers, url = "" }: IncomingMessage) {
      const signed = headers.authorization ?? url;
      const bytes = /(\/|%2F)s3(\/|%2F)aws4_request/i.test(signed) ? MAX_OBJECT_BYTES : MAX_BODY_BYTES;
      return { bytes, refusal: () => tooLarge(bytes) };
    },
  };
}

const foreign = (origin: string | undefined): HttpResponse => ({
  status: 403,
  headers: { "content-type": "application/json", vary: "origin" },
  body: JSON.stringify({
    __type: "AccessDeniedException",
    message: `Pages of ${origin} may not ask the local AWS APIs: --origin ${origin} lets them`,
  }),
});

const textOf = (body: unknown): string => (typeof body === "string" ? body : JSON.stringify(body));
