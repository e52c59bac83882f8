/** The HTTP API: every command in both spellings, one function behind them, and only signed-in people in front. */
import { Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CorsHttpMethod,
  HttpApi,
  type HttpMethod,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUserPoolAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import type { Function } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { routes } from "../api/routes.ts";
import { peopleByOwner } from "../handlers/store/tables.ts";
import { grantPublishing } from "./bus.ts";
import type { CleanUp } from "./clean-up.ts";
import type { Foundation } from "./foundation.ts";
import { createFunction } from "./function.ts";
import { fixLogicalId } from "./logical-id.ts";
import type { MediaInfra } from "./media.ts";
import { physicalName } from "./physical-name.ts";
import { SIGNED_IN_SCOPE, type SignIn } from "./sign-in.ts";

/** 250 call starts a second, and the 7 requests that follow each of them. */
const THROTTLE = { rateLimit: 2000, burstLimit: 2000 };

export interface RestApiProps extends Foundation {
  readonly signIn: SignIn;
  readonly media: MediaInfra;
  readonly cleanUp: CleanUp;
}

export class RestApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, { signIn, media, cleanUp, ...foundation }: RestApiProps) {
    super(scope, id);
    const entrypoint = this.#createEntrypoint(foundation, media, cleanUp);
    const api = new HttpApi(this, "http-api", {
      apiName: physicalName(this, "ringmaster"),
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: ["*"],
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.POST],
        // Whatever a tracing library adds; `*` covers neither `authorization` nor, in old web views, any other.
        allowHeaders: ["*", "authorization", "content-type", "idempotency-key"],
        exposeHeaders: ["retry-after", "apigw-requestid", "x-amzn-requestid"],
        maxAge: Duration.hours(1),
      },
      // The authorizer takes ID tokens too; only access tokens carry the scope.
      defaultAuthorizer: new HttpUserPoolAuthorizer("signed-in", signIn.userPool, {
        userPoolClients: [signIn.client],
      }),
      defaultAuthorizationScopes: [SIGNED_IN_SCOPE],
    });
    // Its address depends on it.
    fixLogicalId(api, "HttpApi");
    this.#addRoutes(api, entrypoint);
    this.#addStage(api);
    this.api = api;
  }

  #createEntrypoint(
    { bundles, settings, tables, bus }: Foundation,
    media: MediaInfra,
    cleanUp: CleanUp,
  ): Function {
    const entrypoint = createFunction(this, "rest-entrypoint", {
      bundles,
      environment: {
        RING_SECONDS: String(settings.ringSeconds),
        MAX_CALL_SECONDS: String(settings.maxCallSeconds),
        TOKEN_SECONDS: String(settings.tokenSeconds),
        RING_ATTEMPTS_PER_MINUTE: String(settings.ringAttemptsPerMinute),
        REGISTRATIONS_PER_HOUR: String(settings.registrationsPerHour),
        DELETIONS_PER_HOUR: String(settings.deletionsPerHour),
        SIGN_IN_CLAIM: settings.signInClaim,
        STACK_NAME: Stack.of(this).stackName,
      },
    });
    tables.grantIndex(entrypoint, "people", peopleByOwner);
    tables.grant(entrypoint, "owners", "GetItem", "UpdateItem");
    tables.grant(
      entrypoint,
      "clients",
      "GetItem",
      "PutItem",
      "UpdateItem",
      "DeleteItem",
      "ConditionCheckItem",
    );
    tables.grant(entrypoint, "devices", "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query");
    tables.grant(entrypoint, "calls", "GetItem", "PutItem", "UpdateItem", "ConditionCheckItem", "Query");
    media.grantJoining(entrypoint);
    grantPublishing(entrypoint, bus);
    cleanUp.grantAsking(entrypoint);
    return entrypoint;
  }

  #addRoutes(api: HttpApi, entrypoint: Function): void {
    const integration = new HttpLambdaIntegration("rest-entrypoint", entrypoint, {
      // One permission for the API; one a route would fill the function's policy.
      scopePermissionToRoute: false,
    });
    for (const { method, path } of routes) {
      // The contract spells methods as HTTP does, which are the values of CDK's enum.
      api.addRoutes({ path, methods: [method as HttpMethod], integration });
    }
  }

  #addStage(api: HttpApi): void {
    const log = new LogGroup(this, "access-log", {
      logGroupName: `/aws/vendedlogs/apis/${physicalName(this, "ringmaster")}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    api.addStage("default-stage", {
      stageName: "$default",
      autoDeploy: true,
      throttle: THROTTLE,
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: accessLogFormat },
    });
  }
}

/** What the function's own log lacks: what the gateway refused, and how long the function took as the gateway sees it. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: "$context.requestId",
    requestTime: "$context.requestTime",
    routeKey: "$context.routeKey",
    status: "$context.status",
    responseLatencyMs: "$context.responseLatency",
    integrationLatencyMs: "$context.integrationLatency",
    error: "$context.error.message",
    authorizerError: "$context.authorizer.error",
    integrationError: "$context.integrationErrorMessage",
  }),
);
