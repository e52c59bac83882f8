/** Local IAM: roles with the policies of the template, and the authorizer that local AWS asks before every operation. */
import { AwsError, type Authorizer, type Permission } from "../local-aws.ts";
import { nameOf, type ResourceRequest, type ResourceTypes } from "../resource.ts";
import { matchesPattern } from "./match-pattern.ts";
import { parsePolicy, type ConditionKeys, type Statement } from "./policy-statement.ts";

interface Role {
  readonly name: string;
  /** Of its own policies, and of AWS's. */
  readonly statements: readonly Statement[];
  /** Of the policies that name it, by their ids. */
  readonly attached: Map<string, readonly Statement[]>;
  /** Services that the trust policy lets assume the role. */
  readonly trusted: readonly string[];
}

/** What AWS's own policies allow, of those that a template may name. Logs and traces are not calls of local AWS. */
const AWS_MANAGED: Record<string, readonly string[]> = {
  AWSLambdaBasicExecutionRole: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
  AWSXRayDaemonWriteAccess: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"],
};

/** Services with a REST protocol refuse with 403, the JSON protocols with 400. */
const REST_SERVICES = ["s3", "ivs", "mobiletargeting", "lambda", "scheduler", "apigateway"];

const NAME_LIMIT = 64;
const MOST_REMEMBERED = 10_000;

/** A part of a policy that has allowed something: an action of a statement, on a resource of its list. */
export interface UsedGrant {
  /** Name of the policy, as the stack knows it. */
  readonly policy: string;
  readonly statement: number;
  readonly action: string;
  /** Place of the resource in the statement's list. */
  readonly resource: number;
}

export interface Iam {
  readonly resources: ResourceTypes;
  readonly authorizer: Authorizer;
  /** Whether the role's trust policy lets the service assume it. */
  trusts(roleArn: string, service: string): boolean;
  /** What the attached policies have allowed so far. What is in none of these is not needed for what was done. */
  grantsUsed(): readonly UsedGrant[];
}

export function createIam({ account, region }: { account: string; region: string }): Iam {
  const roles = new Map<string, Role>();
  const managed = new Map<string, Statement[]>();
  /** What policies have allowed, until they change: functions ask for the same few things again and again. */
  const allowed = new Set<string>();
  const used = new Map<string, UsedGrant>();
  const keys: ConditionKeys = {
    "aws:PrincipalAccount": account,
    "aws:ResourceAccount": account,
    "aws:RequestedRegion": region,
    "aws:SecureTransport": "true",
  };

  const roleArn = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
  function addRole(request: ResourceRequest) {
    const { properties } = request;
    allowed.clear();
    const name = nameOf(request, "RoleName", NAME_LIMIT);
    const arn = roleArn(name);
    const inline = (properties["Policies"] ?? []) as { PolicyDocument: unknown }[];
    const statements = inline.flatMap(({ PolicyDocument }) => parsePolicy(PolicyDocument, keys));
    for (const policyArn of (properties["ManagedPolicyArns"] ?? []) as string[])
      statements.push(...managedPolicy(policyArn));
    const attached = roles.get(arn)?.attached ?? new Map<string, readonly Statement[]>();
    const trusted = servicesTrusted(properties["AssumeRolePolicyDocument"]);
    roles.set(arn, { name, statements, attached, trusted });
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

  function attach(id: string, { properties }: ResourceRequest): Statement[] {
    for (const kind of ["Users", "Groups"]) {
      if (properties[kind]) throw new Error(`${kind} are not part of the local runtime`);
    }
    const statements = parsePolicy(properties["PolicyDocument"], keys);
    detach(id);
    for (const name of (properties["Roles"] ?? []) as string[]) {
      const role = roles.get(roleArn(name));
      if (!role) throw new Error(`no role ${name}`);
      role.attached.set(id, statements);
    }
    return statements;
  }

  function detach(id: string): void {
    for (const { attached } of roles.values()) attached.delete(id);
    allowed.clear();
  }

  function remember({ attached }: Role, { action, resource }: Permission): void {
    for (const [policy, statements] of attached) {
      for (const statement of statements.filter((one) => one.covers({ action, resource }))) {
        const place = statement.resources.findIndex((pattern) => matchesPattern(pattern, resource));
        const grant = { policy, statement: statement.index, action, resource: place };
        used.set(JSON.stringify(grant), grant);
      }
    }
  }

  const allOf = ({ statements, attached }: Role): Statement[] => [...statements, ...attached.values()].flat();

  return {
    grantsUsed: () => [...used.values()],
    trusts: (roleArn, service) => roles.get(roleArn)?.trusted.includes(service) ?? false,
    authorizer: {
      check(roleArn, permission) {
        const asked = `${roleArn} ${permission.action} ${permission.resource}`;
        if (allowed.has(asked)) return;
        const role = roles.get(roleArn);
        const covering = role ? allOf(role).filter((one) => one.covers(permission)) : [];
        if (covering.some(({ effect }) => effect === "Deny"))
          throw denied(account, roleArn, permission, true);
        if (covering.length === 0) throw denied(account, roleArn, permission, false);
        if (role) remember(role, permission);
        if (allowed.size >= MOST_REMEMBERED) allowed.clear();
        allowed.add(asked);
      },
    },
    resources: {
      "AWS::IAM::Role": {
        honoured: ["RoleName", "AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"],
        ignored: ["Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"],
        renewedBy: ["RoleName"],
        namedBy: "RoleName",
        taken(request) {
          const name = nameOf(request, "RoleName", NAME_LIMIT);
          return roles.has(roleArn(name)) ? name : undefined;
        },
        create: addRole,
        remove(name) {
          roles.delete(roleArn(name));
          allowed.clear();
        },
      },
      "AWS::IAM::Policy": {
        honoured: ["PolicyDocument", "PolicyName", "Roles", "Users", "Groups"],
        create(request) {
          const ref = request.physicalName();
          attach(ref, request);
          return { ref };
        },
        remove: detach,
      },
      "AWS::IAM::ManagedPolicy": {
        honoured: ["PolicyDocument", "ManagedPolicyName", "Roles", "Users", "Groups"],
        ignored: ["Description", "Path", "Tags"],
        create(request) {
          const given = request.properties["ManagedPolicyName"] as string | undefined;
          const name = given ?? request.physicalName();
          const arn = `arn:aws:iam::${account}:policy/${name}`;
          managed.set(arn, attach(arn, request));
          return { ref: arn, attributes: { PolicyArn: arn } };
        },
        remove(arn) {
          detach(arn);
          managed.delete(arn);
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
