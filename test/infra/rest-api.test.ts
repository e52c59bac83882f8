/** The HTTP API: its authorization, and the targets of its routes. */
import { Template } from "aws-cdk-lib/assertions";
import { beforeAll, expect, test } from "vitest";
import { commands } from "../../api/commands.ts";
import { ofType, templateWith, type TemplateJson } from "./synthesis.ts";

let json: TemplateJson;
let template: Template;
beforeAll(async () => {
  json = await templateWith();
  template = Template.fromJSON({ ...json });
});
/** Throws the difference if the template has no such resource. */
const resource = (type: string, properties: object) => () => template.hasResourceProperties(type, properties);

const routes = () => ofType(json, "AWS::ApiGatewayV2::Route").map(([, { Properties }]) => Properties);

test("every command has a route, beside the envelope's", () => {
  expect(
    routes()
      .map((route) => String(route["RouteKey"]))
      .toSorted(),
  ).toEqual(["POST /", ...commands.map(({ route }) => `${route.method} ${route.path}`)].toSorted());
});

test("every route needs an access token", () => {
  for (const route of routes()) {
    expect(route).toMatchObject({
      AuthorizationType: "JWT",
      AuthorizationScopes: ["aws.cognito.signin.user.admin"],
    });
  }
});

test("tokens come from the user pool and are meant for the app", () => {
  expect(
    resource("AWS::ApiGatewayV2::Authorizer", {
      AuthorizerType: "JWT",
      JwtConfiguration: {
        Audience: [{ Ref: "AppClient" }],
        Issuer: {
          "Fn::Join": [
            "",
            ["https://cognito-idp.", { Ref: "AWS::Region" }, ".amazonaws.com/", { Ref: "UserPool" }],
          ],
        },
      },
    }),
  ).not.toThrow();
});

test("every route leads to rest-entrypoint", () => {
  const integrations = ofType(json, "AWS::ApiGatewayV2::Integration");
  expect(integrations.map(([, { Properties }]) => Properties)).toEqual([
    expect.objectContaining({
      IntegrationUri: { "Fn::GetAtt": ["RestEntrypoint", "Arn"] },
      PayloadFormatVersion: "2.0",
    }),
  ]);
  const [[integration] = []] = integrations;
  const target = { "Fn::Join": ["", ["integrations/", { Ref: integration }]] };
  for (const route of routes()) expect(route["Target"]).toEqual(target);
});

test("a browser on any origin may send commands", () => {
  expect(
    resource("AWS::ApiGatewayV2::Api", {
      CorsConfiguration: {
        AllowOrigins: ["*"],
        AllowMethods: ["GET", "POST"],
        // Tracing libraries add headers of their own, and the star does not include authorization.
        AllowHeaders: ["*", "authorization", "content-type", "idempotency-key"],
        ExposeHeaders: ["retry-after", "apigw-requestid", "x-amzn-requestid"],
      },
    }),
  ).not.toThrow();
});

test("people sign up with a username and a verified email address", () => {
  expect(
    resource("AWS::Cognito::UserPool", {
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
      AutoVerifiedAttributes: ["email"],
      Schema: [{ Name: "email", Required: true, Mutable: true }],
    }),
  ).not.toThrow();
  expect(
    resource("AWS::Cognito::UserPoolClient", {
      GenerateSecret: false,
      // Without this, tokens have no `origin_jti`.
      EnableTokenRevocation: true,
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    }),
  ).not.toThrow();
  expect(resource("AWS::Cognito::UserPoolGroup", { GroupName: "operators" })).not.toThrow();
});
