/** The schema of an API: the text of the template with the scalars and directives that AppSync adds. */
import { buildSchema, type GraphQLScalarType, type GraphQLSchema, isScalarType } from "graphql";

const ADDED = `
scalar AWSDateTime
scalar AWSJSON
scalar AWSTimestamp
directive @aws_subscribe(mutations: [String!]!) on FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String!]!) on FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String!]) on FIELD_DEFINITION | OBJECT
directive @aws_iam on FIELD_DEFINITION | OBJECT
directive @aws_api_key on FIELD_DEFINITION | OBJECT
directive @aws_oidc on FIELD_DEFINITION | OBJECT
directive @aws_lambda on FIELD_DEFINITION | OBJECT
`;

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d(:\d\d)?)$/;

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  AWSDateTime: (value) => typeof value === "string" && DATE_TIME.test(value),
  AWSTimestamp: (value) => Number.isInteger(value),
  AWSJSON: (value) => typeof value === "string" && isJson(value),
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const MOST_REMEMBERED = 20;
const remembered = new Map<string, GraphQLSchema>();

/** A type that is neither in the text nor among those added is refused by its name. */
export function readSchema(text: string): GraphQLSchema {
  if (remembered.size > MOST_REMEMBERED) remembered.clear();
  const schema = remembered.get(text) ?? buildWithScalars(text);
  remembered.set(text, schema);
  return schema;
}

function buildWithScalars(text: string): GraphQLSchema {
  const schema = buildSchema(`${ADDED}\n${text}`);
  for (const [name, accepts] of Object.entries(CHECKS)) {
    const scalar = schema.getType(name);
    if (isScalarType(scalar)) checkScalar(scalar, accepts);
  }
  return schema;
}

function checkScalar(scalar: GraphQLScalarType, accepts: (value: unknown) => boolean): void {
  const { parseLiteral } = scalar;
  const check = (value: unknown): unknown => {
    if (accepts(value)) return value;
    throw new TypeError(`${JSON.stringify(value)} is not a valid ${scalar.name}`);
  };
  scalar.parseValue = check;
  scalar.parseLiteral = (node, variables) => check(parseLiteral(node, variables));
  scalar.serialize = scalar.name === "AWSJSON" ? asJsonText : check;
}

const asJsonText = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
