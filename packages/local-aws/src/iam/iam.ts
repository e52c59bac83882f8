/** Local IAM: roles with the policies of the template, and the authorizer that the door asks before every operation. */
import { AwsError, type Authorizer, type Permission } from "../door.ts";
import type { ResourceRequest, ResourceTypes } from "../resource.ts";
import { parsePolicy, type ConditionKeys, type Statement } from "./policy-statement.ts";

interface Role {
  readonly name: string;
  readonly statements: Statement[];
  /** Services that the trust policy lets assume the role. */
  readonly trusted: readonly string[];
}

/** What AWS's own policies allow, of those that a template may name. Logs and traces are not calls of the door. */
const AWS_MANAGED: Record<string, readonly string[]> = {
  AWSLambdaBasicExecutionRole: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  AWSXRayDaemonWriteAccess: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
};

/** Services with a REST protocol refuse with 403, the JSON protocols with 400. */
const REST_SERVICES = ["s3", "ivs", "mobiletargeting", "lambda", "scheduler", "apigateway"];

const NAME_LIMIT = 64;
const MOST_REMEMBERED = 10_000;

export interface Iam {
  readonly resources: ResourceTypes;
  readonly authorizer: Authorizer;
  /** Whether the role's trust policy lets the service assume it. */
  trusts(roleArn: string, service: string): boolean;
}

export function createIam({ account, region }: { account: string; region: string }): Iam {
  const roles = new Map<string, Role>();
  const managed = new Map<string, Statement[]>();
  /** What policies have allowed, until they change: functions ask for the same few things again and again. */
  const allowed = new Set<string>();
  const keys: ConditionKeys = {
    "aws:PrincipalAccount": account,
    "aws:ResourceAccount": account,
    "aws:RequestedRegion": region,
    "aws:SecureTransport": "true",
  };

  function addRole(request: ResourceRequest) {
    const { properties } = request;
    allowed.clear();
    const name = (properties["RoleName"] as string | undefined) ?? request.physicalName(NAME_LIMIT);
    const arn = `arn:aws:iam::${account}:role/${name}`;
    const inline = (properties["Policies"] ?? []) as { PolicyDocument: unknown }[];
    const statements = inline.flatMap(({ PolicyDocument }) => parsePolicy(PolicyDocument, keys));
    for (const policyArn of (properties["ManagedPolicyArns"] ?? []) as string[])
      statements.push(...managedPolicy(policyArn));
    roles.set(arn, { name, statements, trusted: servicesTrusted(properties["AssumeRolePolicyDocument"]) });
    return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name.slice(0, 16).toUpperCase()}` } };
  }

  function managedPolicy(arn: string): Statement[] {
    const actions = AWS_MANAGED[arn.split("/").at(-1) ?? ""];
    const found = managed.get(arn);
    if (found) return found;
    if (!actions || !arn.startsWith("arn:aws:iam::aws:policy/")) {
      throw new Error(`managed policy ${arn} is not part of the local runtime`);
    }
    return parsePolicy({ Statement: { Effect: "Allow", Action: actions, Resource: "*" } }, keys);
  }

  function attach({ properties }: ResourceRequest): Statement[] {
    for (const kind of ["Users", "Groups"]) {
      if (properties[kind]) throw new Error(`${kind} are not part of the local runtime`);
    }
    const statements = parsePolicy(properties["PolicyDocument"], keys);
    for (const name of (properties["Roles"] ?? []) as string[]) {
      const role = roles.get(`arn:aws:iam::${account}:role/${name}`);
      if (!role) throw new Error(`no role ${name}`);
      role.statements.push(...statements);
    }
    allowed.clear();
    return statements;
  }

  return {
    trusts: (roleArn, service) => roles.get(roleArn)?.trusted.includes(service) ?? false,
    authorizer: {
      check(roleArn, permission) {
        const asked = `${roleArn} ${permission.action} ${permission.resource}`;
        if (allowed.has(asked)) return;
        const covering = roles.get(roleArn)?.statements.filter((one) => one.covers(permission)) ?? [];
        if (covering.some(({ effect }) => effect === "Deny"))
          throw denied(account, roleArn, permission, true);
        if (covering.length === 0) throw denied(account, roleArn, permission, false);
        if (allowed.size >= MOST_REMEMBERED) allowed.clear();
        allowed.add(asked);
      },
    },
    resources: {
      "AWS::IAM::Role": {
        honoured: ["RoleName", "AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"],
        ignored: ["Description", "MaxSessionDuration", "Tags"],
        create: addRole,
      },
      "AWS::IAM::Policy": {
        honoured: ["PolicyDocument", "PolicyName", "Roles", "Users", "Groups"],
        create(request) {
          attach(request);
          return { ref: request.physicalName() };
        },
      },
      "AWS::IAM::ManagedPolicy": {
        honoured: ["PolicyDocument", "ManagedPolicyName", "Roles", "Users", "Groups"],
        ignored: ["Description", "Path", "Tags"],
        create(request) {
          const given = request.properties["ManagedPolicyName"] as string | undefined;
          const name = given ?? request.physicalName();
          const arn = `arn:aws:iam::${account}:policy/${name}`;
          managed.set(arn, attach(request));
          return { ref: arn, attributes: { PolicyArn: arn } };
        },
      },
    },
  };
}

function servicesTrusted(document: unknown): string[] {
  const { Statement } = (document ?? {}) as { Statement?: { Principal?: { Service?: string | string[] } }[] };
  return (Statement ?? []).flatMap(({ Principal }) => Principal?.Service ?? []);
}

function denied(
  account: string,
  roleArn: string,
  { action, resource }: Permission,
  explicit: boolean,
): AwsError {
  const role = roleArn.split("/").at(-1) ?? roleArn;
  const why = explicit
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${action} action`;
  return new AwsError(
    action.startsWith("s3:") ? "AccessDenied" : "AccessDeniedException",
    `User: arn:aws:sts::${account}:assumed-role/${role}/local is not authorized to perform: ${action} ` +
      `on resource: ${resource} ${why}`,
    REST_SERVICES.includes(action.split(":")[0] ?? "") ? 403 : 400,
  );
}
