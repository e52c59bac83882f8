/**
 * Which way of signing in opens a field: its own directives, else those of its type, else the API's default mode.
 * Fields that introspection reads are open to every caller of the API.
 */
import {
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLObjectType,
  valueFromASTUntyped,
} from "graphql";
import type { AuthMode, GraphqlApi } from "./apis.ts";
import type { Identity } from "./identity.ts";

const MODES: Readonly<Record<string, AuthMode | "other">> = {
  aws_cognito_user_pools: "AMAZON_COGNITO_USER_POOLS",
  aws_iam: "AWS_IAM",
  aws_api_key: "other",
  aws_oidc: "other",
  aws_lambda: "other",
};

interface Grant {
  readonly mode: AuthMode | "other";
  readonly groups: readonly string[] | undefined;
}

export function mayAccess(
  api: GraphqlApi,
  { mode, groups }: Identity,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): boolean {
  if (type.name.startsWith("__") || field.name.startsWith("__")) return true;
  const own = grantsOf(field.astNode?.directives, api);
  const grants = own.length > 0 ? own : grantsOf(type.astNode?.directives, api);
  if (grants.length === 0) return mode === api.modes[0];
  return grants.some(
    (grant) => grant.mode === mode && (!grant.groups || grant.groups.some((group) => groups.includes(group))),
  );
}

function grantsOf(directives: readonly ConstDirectiveNode[] = [], api: GraphqlApi): Grant[] {
  return directives.flatMap((directive) => {
    const name = directive.name.value;
    const groups = groupsOf(directive);
    // The older directive: it speaks of the default mode, and only where that is the only one.
    if (name === "aws_auth") return api.modes.length === 1 ? [{ mode: api.modes[0], groups }] : [];
    const mode = MODES[name];
    return mode ? [{ mode, groups }] : [];
  });
}

function groupsOf({ arguments: given = [] }: ConstDirectiveNode): readonly string[] | undefined {
  const groups = given.find(({ name }) => name.value === "cognito_groups");
  return groups && (valueFromASTUntyped(groups.value) as string[]); // a list of strings by its definition
}
