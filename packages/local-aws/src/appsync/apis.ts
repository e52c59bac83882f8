/** What an API consists of, as its resources describe it. */
import type { GraphQLSchema } from "graphql";
import type { ResolverCode } from "./code/resolver-code.ts";

export const AUTH_MODES = ["AMAZON_COGNITO_USER_POOLS", "AWS_IAM"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

export interface UserPool {
  readonly issuer: string;
  /** What the app client of a token must be like; undefined admits all of the pool. */
  readonly clientId: RegExp | undefined;
}

export type DataSource =
  | { readonly kind: "NONE" }
  | { readonly kind: "AMAZON_DYNAMODB"; readonly table: string; readonly roleArn: string };

export interface Step {
  readonly code: ResolverCode;
  readonly dataSource: string;
}

export type Resolver =
  | { readonly kind: "UNIT"; readonly step: Step }
  | { readonly kind: "PIPELINE"; readonly around: ResolverCode; readonly functionIds: readonly string[] };

export interface GraphqlApi {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly endpointArn: string;
  readonly endpoint: string;
  /** The first is the default: it opens what no directive speaks of. */
  readonly modes: readonly [AuthMode, ...AuthMode[]];
  readonly userPool: UserPool | undefined;
  /** Levels of an operation; 0 means no limit. */
  readonly depthLimit: number;
  /** Resolvers of an operation; 0 means AppSync's own 10,000. */
  readonly resolverLimit: number;
  readonly introspection: boolean;
  /** What resolvers see as `ctx.env`. */
  readonly environment: Readonly<Record<string, string>>;
  schema: GraphQLSchema | undefined;
  readonly dataSources: Map<string, DataSource>;
  readonly functions: Map<string, Step>;
  /** By `Type.field`. */
  readonly resolvers: Map<string, Resolver>;
}
