import { expect, test } from "vitest";
import type { Shape } from "../src/local-aws.ts";
import { createIam } from "../src/iam/iam.ts";
import type { ResourceTypes } from "../src/resource.ts";

const TABLE = "arn:aws:dynamodb:us-east-1:000000000000:table/orders";
const ALICE = "arn:aws:iam::000000000000:role/alice";

const newIam = () => createIam({ account: "000000000000", region: "us-east-1" });

function create(resources: ResourceTypes, type: keyof ResourceTypes, properties: Shape): void {
  void resources[type]?.create({
    logicalId: "x",
    properties,
    physicalName: () => "x",
    assetPath: () => "",
  });
}

function roleWith(...Statement: Shape[]) {
  const iam = newIam();
  create(iam.resources, "AWS::IAM::Role", {
    RoleName: "alice",
    AssumeRolePolicyDocument: {
      Statement: [
        { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } },
      ],
    },
  });
  create(iam.resources, "AWS::IAM::Policy", {
    PolicyName: "p",
    Roles: ["alice"],
    PolicyDocument: { Statement },
  });
  return (action: string, resource: string) => iam.authorizer.check(ALICE, { action, resource });
}

test("a role may do what a policy attached to it allows, and nothing else", () => {
  const check = roleWith({ Effect: "Allow", Action: ["dynamodb:GetItem", "dynamodb:Put*"], Resource: TABLE });
  check("dynamodb:GetItem", TABLE);
  check("dynamodb:PutItem", TABLE);
  expect(() => check("dynamodb:GetItem", `${TABLE}2`)).toThrow("is not authorized");
  expect(() => check("dynamodb:DeleteItem", TABLE)).toThrow(
    "User: arn:aws:sts::000000000000:assumed-role/alice/local is not authorized to perform: dynamodb:DeleteItem " +
      `on resource: ${TABLE} because no identity-based policy allows the dynamodb:DeleteItem action`,
  );
});

test("a deny wins over every allow", () => {
  const check = roleWith(
    { Effect: "Allow", Action: "*", Resource: "*" },
    { Effect: "Deny", Action: "dynamodb:*", Resource: `${TABLE}/*` },
  );
  check("dynamodb:Query", TABLE);
  expect(() => check("dynamodb:Query", `${TABLE}/index/a`)).toThrow("explicit deny");
});

test("NotAction and NotResource cover everything but what they name", () => {
  const check = roleWith({ Effect: "Allow", NotAction: "dynamodb:Delete*", NotResource: `${TABLE}2` });
  check("dynamodb:PutItem", TABLE);
  expect(() => check("dynamodb:DeleteItem", TABLE)).toThrow("is not authorized");
  expect(() => check("dynamodb:PutItem", `${TABLE}2`)).toThrow("is not authorized");
});

test("a known condition is evaluated, an unknown one is an error that names it", () => {
  const statement = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" };
  const here = roleWith({
    ...statement,
    Condition: { StringEquals: { "aws:RequestedRegion": "us-east-1" } },
  });
  here("dynamodb:GetItem", TABLE);
  const elsewhere = roleWith({
    ...statement,
    Condition: { StringEquals: { "aws:RequestedRegion": "eu-west-1" } },
  });
  expect(() => elsewhere("dynamodb:GetItem", TABLE)).toThrow("is not authorized");
  expect(() => roleWith({ ...statement, Condition: { StringEquals: { "aws:username": "bob" } } })).toThrow(
    "aws:username",
  );
  expect(() => roleWith({ ...statement, Condition: { IpAddress: { "aws:SourceIp": "::1" } } })).toThrow(
    "IpAddress",
  );
});

test("a refusal has the status of the service's protocol", () => {
  const check = roleWith({ Effect: "Allow", Action: "a:b", Resource: "*" });
  const refusal = expect.objectContaining({ code: "AccessDeniedException", status: 403 });
  expect(() => check("ivs:CreateStage", "*")).toThrow(refusal);
  expect(() => check("states:StartExecution", "*")).toThrow(expect.objectContaining({ status: 400 }));
});

test("a role trusts only the services of its trust policy, and unknown managed policies are refused", () => {
  const iam = newIam();
  create(iam.resources, "AWS::IAM::Role", {
    RoleName: "alice",
    AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: "lambda.amazonaws.com" } }] },
    ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
  });
  expect(iam.trusts(ALICE, "lambda.amazonaws.com")).toBe(true);
  expect(iam.trusts(ALICE, "states.amazonaws.com")).toBe(false);
  iam.authorizer.check(ALICE, { action: "logs:PutLogEvents", resource: "*" });
  const ManagedPolicyArns = ["arn:aws:iam::aws:policy/AdministratorAccess"];
  expect(() => create(iam.resources, "AWS::IAM::Role", { RoleName: "bob", ManagedPolicyArns })).toThrow(
    "AdministratorAccess",
  );
});
