/** The API, schema, data sources, functions and resolvers of a template. */
import * as z from "zod";
import type { LocalAws } from "../local-aws.ts";
import { lastingId } from "../http-api/http-message.ts";
import { type CreatedResource, identityOf, type ResourceRequest, type ResourceTypes } from "../resource.ts";
import { typedResource } from "../typed-resource.ts";
import {
  AUTH_MODES,
  type AuthMode,
  type DataSource,
  type GraphqlApi,
  type Step,
  type UserPool,
} from "./apis.ts";
import { loadCode } from "./code/resolver-code.ts";
import type { JwksOf } from "./identity.ts";
import { readSchema } from "./schema.ts";

export interface GraphqlStore {
  readonly localAws: LocalAws;
  /** Where the API is served: `<app>/graphql`. */
  readonly endpoint: string;
  readonly apis: Map<string, GraphqlApi>;
  readonly jwksOf: JwksOf;
  readonly trusts: (roleArn: string, service: string) => boolean;
}

const SERVICE = "appsync.amazonaws.com";

const userPoolConfig = z.strictObject({
  UserPoolId: z.string(),
  AwsRegion: z.string(),
  AppIdClientRegex: z.string().optional(),
  DefaultAction: z.literal("ALLOW").optional(),
});

const mode = z.enum(AUTH_MODES);

const apiProperties = z.object({
  Name: z.string(),
  AuthenticationType: mode,
  UserPoolConfig: userPoolConfig.optional(),
  AdditionalAuthenticationProviders: z
    .array(z.strictObject({ AuthenticationType: mode, UserPoolConfig: userPoolConfig.optional() }))
    .default([]),
  QueryDepthLimit: z.number().int().min(0).max(75).default(0),
  ResolverCountLimit: z.number().int().min(0).max(10_000).default(0),
  EnvironmentVariables: z
    .record(z.string().regex(/^[A-Za-z]\w{1,63}$/), z.string().max(512))
    .refine((variables) => Object.keys(variables).length <= 50, "more than 50 variables")
    .default({}),
  IntrospectionConfig: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  Visibility: z.literal("GLOBAL").optional(),
});

const runtime = z.strictObject({ Name: z.literal("APPSYNC_JS"), RuntimeVersion: z.literal("1.0.0") });

const schemaProperties = z.object({ ApiId: z.string(), Definition: z.string() });

const dataSourceProperties = z.object({
  ApiId: z.string(),
  Name: z.string(),
  Type: z.enum(["NONE", "AMAZON_DYNAMODB"]),
  ServiceRoleArn: z.string().optional(),
  DynamoDBConfig: z.strictObject({ TableName: z.string(), AwsRegion: z.string() }).optional(),
});

const functionProperties = z.object({
  ApiId: z.string(),
  Name: z.string(),
  DataSourceName: z.string(),
  Code: z.string(),
  Runtime: runtime,
});

const resolverProperties = z.object({
  ApiId: z.string(),
  TypeName: z.string(),
  FieldName: z.string(),
  Kind: z.enum(["UNIT", "PIPELINE"]).default("UNIT"),
  DataSourceName: z.string().optional(),
  PipelineConfig: z.strictObject({ Functions: z.array(z.string()) }).optional(),
  Code: z.string(),
  Runtime: runtime,
});

export function graphqlResources(store: GraphqlStore): ResourceTypes {
  const apiWith = (id: unknown): GraphqlApi | undefined => store.apis.get(String(id));
  const lastPart = (arn: string): string => arn.split("/").at(-1) ?? "";
  return {
    "AWS::AppSync::GraphQLApi": {
      ...typedResource(apiProperties, "LogConfig XrayEnabled Tags OwnerContact", (properties, request) =>
        createApi(store, properties, request),
      ),
      remove: (arn) => void store.apis.delete(lastPart(arn)),
    },
    "AWS::AppSync::GraphQLSchema": {
      ...typedResource(schemaProperties, "", (properties) => {
        apiOf(store, properties.ApiId).schema = readSchema(properties.Definition);
        return { ref: `${properties.ApiId}GraphQLSchema` };
      }),
      renewedBy: ["ApiId"],
      remove(_ref, { ApiId }) {
        const api = apiWith(ApiId);
        if (api) api.schema = undefined;
      },
    },
    "AWS::AppSync::DataSource": {
      ...typedResource(dataSourceProperties, "Description", (properties) =>
        createDataSource(store, properties),
      ),
      renewedBy: ["ApiId", "Name"],
      remove: (_ref, { ApiId, Name }) => void apiWith(ApiId)?.dataSources.delete(String(Name)),
    },
    "AWS::AppSync::FunctionConfiguration": {
      ...typedResource(functionProperties, "Description", (properties, request) =>
        createFunction(store, properties, request),
      ),
      renewedBy: ["ApiId"],
      remove: (arn, { ApiId }) => void apiWith(ApiId)?.functions.delete(lastPart(arn)),
    },
    "AWS::AppSync::Resolver": {
      ...typedResource(resolverProperties, "", (properties) => createResolver(store, properties)),
      renewedBy: ["ApiId", "TypeName", "FieldName"],
      remove: (_ref, { ApiId, TypeName, FieldName }) =>
        void apiWith(ApiId)?.resolvers.delete(`${String(TypeName)}.${String(FieldName)}`),
    },
  };
}

function apiOf({ apis }: GraphqlStore, id: string): GraphqlApi {
  const api = apis.get(id);
  if (!api) throw new Error(`no GraphQL API ${id}`);
  return api;
}

function createApi(
  store: GraphqlStore,
  wanted: z.infer<typeof apiProperties>,
  request: ResourceRequest,
): CreatedResource {
  const id = lastingId(identityOf(request), 26);
  const before = store.apis.get(id);
  const [other] = store.apis.values();
  if (other && !before) throw new Error(`the local runtime serves one GraphQL API, and ${other.name} is it`);
  const modes: [AuthMode, ...AuthMode[]] = [
    wanted.AuthenticationType,
    ...wanted.AdditionalAuthenticationProviders.map(({ AuthenticationType }) => AuthenticationType),
  ];
  const pool =
    wanted.UserPoolConfig ??
    wanted.AdditionalAuthenticationProviders.find(({ UserPoolConfig }) => UserPoolConfig)?.UserPoolConfig;
  const { localAws, endpoint } = store;
  const arn = localAws.arn("appsync", `apis/${id}`);
  const endpointArn = localAws.arn("appsync", `endpoints/graphql-api/${id}`);
  store.apis.set(id, {
    id,
    name: wanted.Name,
    arn,
    endpointArn,
    endpoint,
    modes,
    userPool: pool && userPoolOf(store, pool),
    depthLimit: wanted.QueryDepthLimit,
    resolverLimit: wanted.ResolverCountLimit,
    introspection: wanted.IntrospectionConfig === "ENABLED",
    environment: wanted.EnvironmentVariables,
    schema: before?.schema,
    dataSources: before?.dataSources ?? new Map(),
    functions: before?.functions ?? new Map(),
    resolvers: before?.resolvers ?? new Map(),
  });
  const attributes = {
    ApiId: id,
    Arn: arn,
    GraphQLUrl: endpoint,
    GraphQLDns: new URL(endpoint).host,
    GraphQLEndpointArn: endpointArn,
    RealtimeUrl: `${endpoint.replace(/^http/, "ws")}/realtime`,
    RealtimeDns: new URL(endpoint).host,
  };
  return { ref: arn, attributes };
}

function userPoolOf({ jwksOf }: GraphqlStore, config: z.infer<typeof userPoolConfig>): UserPool {
  const { AwsRegion, UserPoolId, AppIdClientRegex } = config;
  const issuer = `https://cognito-idp.${AwsRegion}.amazonaws.com/${UserPoolId}`;
  if (!jwksOf(issuer)) throw new Error(`no user pool of the template is ${issuer}`);
  // The whole of the client's id must match, as in Java.
  return { issuer, clientId: AppIdClientRegex ? new RegExp(`^(?:${AppIdClientRegex})$`) : undefined };
}

function createDataSource(
  store: GraphqlStore,
  wanted: z.infer<typeof dataSourceProperties>,
): CreatedResource {
  const api = apiOf(store, wanted.ApiId);
  api.dataSources.set(wanted.Name, dataSourceOf(store, wanted));
  const arn = `${api.arn}/datasources/${wanted.Name}`;
  return { ref: arn, attributes: { DataSourceArn: arn, Name: wanted.Name } };
}

function dataSourceOf(store: GraphqlStore, wanted: z.infer<typeof dataSourceProperties>): DataSource {
  const { Type, ServiceRoleArn: roleArn, DynamoDBConfig: table } = wanted;
  if (Type === "NONE") return { kind: "NONE" };
  if (!table || !roleArn) throw new Error("a table as a data source needs DynamoDBConfig and ServiceRoleArn");
  if (!store.trusts(roleArn, SERVICE)) throw new Error(`${roleArn} does not trust ${SERVICE}`);
  return { kind: "AMAZON_DYNAMODB", table: table.TableName, roleArn };
}

function createFunction(
  store: GraphqlStore,
  wanted: z.infer<typeof functionProperties>,
  request: ResourceRequest,
): CreatedResource {
  const api = apiOf(store, wanted.ApiId);
  const id = lastingId(identityOf(request), 26);
  api.functions.set(id, stepOf(api, wanted.DataSourceName, wanted.Code));
  const arn = `${api.arn}/functions/${id}`;
  const { Name, DataSourceName } = wanted;
  return { ref: arn, attributes: { FunctionArn: arn, FunctionId: id, Name, DataSourceName } };
}

function stepOf(api: GraphqlApi, dataSource: string | undefined, code: string): Step {
  if (!dataSource || !api.dataSources.has(dataSource)) throw new Error(`no data source ${dataSource}`);
  return { dataSource, code: loadCode(code) };
}

function createResolver(store: GraphqlStore, wanted: z.infer<typeof resolverProperties>): CreatedResource {
  const { TypeName, FieldName, Kind, Code } = wanted;
  const api = apiOf(store, wanted.ApiId);
  const type = api.schema?.getType(TypeName);
  if (!type || !("getFields" in type) || !type.getFields()[FieldName]) {
    throw new Error(`No field named ${FieldName} found on type ${TypeName}`);
  }
  const functionIds = wanted.PipelineConfig?.Functions ?? [];
  const unknown = functionIds.find((id) => !api.functions.has(id));
  if (unknown) throw new Error(`no function ${unknown}`);
  api.resolvers.set(
    `${TypeName}.${FieldName}`,
    Kind === "UNIT"
      ? { kind: "UNIT", step: stepOf(api, wanted.DataSourceName, Code) }
      : { kind: "PIPELINE", around: loadCode(Code), functionIds },
  );
  const arn = `${api.arn}/types/${TypeName}/resolvers/${FieldName}`;
  return { ref: arn, attributes: { ResolverArn: arn, TypeName, FieldName } };
}
