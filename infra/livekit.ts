/** LiveKit as the stack's media provider: the server is the team's own or hosted; the stack has its webhooks, and the keys to ask it. */
import { CfnOutput, Stack } from "aws-cdk-lib";
import { type HttpApi, HttpMethod, HttpNoneAuthorizer } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { EventPattern } from "aws-cdk-lib/aws-events";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { CHECK_CONCURRENCY } from "../handlers/media/livekit/quotas.ts";
import {
  type Change,
  PARTICIPANT_CHANGED,
  WEBHOOK_SOURCE,
} from "../handlers/media/livekit/participant-changed.ts";
import { callsBySweepTime } from "../handlers/store/tables.ts";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction, setVariable } from "./function.ts";
import { grantSending } from "./hint-queue.ts";
import type { MediaInfra } from "./media.ts";
import type { LiveKitSettings } from "./media-settings.ts";
import { allowNamedSecret } from "./named-secret.ts";

/** Where the server sends its webhooks. */
export const WEBHOOK_PATH = "/webhooks/livekit";

export function createLiveKit(
  stack: Stack,
  { bundles, tables }: Foundation,
  livekit: LiveKitSettings,
): MediaInfra {
  const grantKeys = (grantee: Function): void => {
    setVariable(grantee, "LIVEKIT_SECRET", livekit.secret);
    allowNamedSecret(grantee, livekit.secret);
  };
  const grantServer = (grantee: Function): void => {
    grantKeys(grantee);
    setVariable(grantee, "LIVEKIT_URL", livekit.url);
  };
  return {
    grantJoining: grantServer,
    grantClosing: () => undefined,
    grantChecks: grantServer,
    checkConcurrency: CHECK_CONCURRENCY,
    grantRemovals: grantServer,
    events: { published: participantChanged("joined"), unpublished: participantChanged("left") },
    schedules: [
      {
        name: "watch-rooms",
        create(scope, { failed, doubts }) {
          const watcher = createFunction(scope, "watch-rooms", { bundles, onFailure: failed });
          grantServer(watcher);
          tables.grantIndex(watcher, "calls", callsBySweepTime);
          grantSending(watcher, "DOUBTS_QUEUE_URL", doubts);
          return watcher;
        },
      },
    ],
    addRoutes(api) {
      const receiver = createFunction(stack, "receive-webhook", { bundles });
      grantKeys(receiver);
      const bus = stack.formatArn({ service: "events", resource: "event-bus", resourceName: "default" });
      allow(receiver, ["events:PutEvents"], bus);
      routeWebhooks(api, receiver);
      new CfnOutput(stack, "MediaWebhookUrl", {
        value: `${api.apiEndpoint}${WEBHOOK_PATH}`,
        description: "Where the LiveKit server sends its webhooks",
      });
    },
  };
}

function routeWebhooks(api: HttpApi, receiver: Function): void {
  const routes = api.addRoutes({
    path: WEBHOOK_PATH,
    methods: [HttpMethod.POST],
    integration: new HttpLambdaIntegration("receive-webhook", receiver),
    authorizer: new HttpNoneAuthorizer(),
    authorizationScopes: [],
  });
  for (const route of routes)
    acknowledge(
      route,
      "The server has no account to sign in with: the function verifies its signature over the body",
      "AwsSolutions-APIG4",
    );
}

const participantChanged = (change: Change): EventPattern => ({
  source: [WEBHOOK_SOURCE],
  detailType: [PARTICIPANT_CHANGED],
  detail: { change: [change] },
});
