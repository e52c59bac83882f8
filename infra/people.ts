/** The directory and the live state of calls: the GraphQL API, its data sources, and the rule that feeds it. */
import { join } from "node:path";
import { RemovalPolicy, Stack } from "aws-cdk-lib";
import {
  AuthorizationType,
  CfnDataSource,
  CfnFunctionConfiguration,
  type CfnGraphQLApi,
  CfnResolver,
  Definition,
  GraphqlApi,
  IntrospectionConfig,
} from "aws-cdk-lib/aws-appsync";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { AROUND_STEPS, fields, filtered, type Source, type Step, steps } from "../people/fields.ts";
import { peopleByFirstName, peopleByLastName, peopleByOwner } from "../handlers/store/tables.ts";
import { acknowledge } from "./acknowledge.ts";
import { allow } from "./allow.ts";
import { fixLogicalId } from "./logical-id.ts";
import { physicalName } from "./physical-name.ts";
import { resolverCode, type ResolverName } from "./resolver-code.ts";
import type { SignIn } from "./sign-in.ts";
import { allowIndex, allowItems, type Tables } from "./tables.ts";

const SCHEMA = join(import.meta.dirname, "../people/schema.graphql");
const RUNTIME = { name: "APPSYNC_JS", runtimeVersion: "1.0.0" };

/**
 * A list is 3 levels deep, and no type leads back to itself. The query with which tools read a schema is 15 deep, and AWS
 * may count it. An app may ask for a few fields at once.
 */
const LIMITS = { queryDepthLimit: 16, resolverCountLimit: 10 };

export interface PeopleProps {
  readonly tables: Tables;
  readonly signIn: SignIn;
}

export class People extends Construct {
  readonly api: GraphqlApi;

  constructor(scope: Construct, id: string, { tables, signIn }: PeopleProps) {
    super(scope, id);
    this.api = this.#createApi(signIn, tables);
    const sources = this.#createSources(tables);
    this.#createResolvers(sources);
  }

  #createApi({ userPool, client }: SignIn, { people, owners, clients }: Tables): GraphqlApi {
    const api = new GraphqlApi(this, "api", {
      name: physicalName(this, "ringmaster"),
      definition: Definition.fromFile(SCHEMA),
      authorizationConfig: {
        defaultAuthorization: {
          authorizationType: AuthorizationType.USER_POOL,
          userPoolConfig: { userPool, appIdClientRegex: client.userPoolClientId },
        },
        additionalAuthorizationModes: [{ authorizationType: AuthorizationType.IAM }],
      },
      introspectionConfig: IntrospectionConfig.ENABLED,
      ...LIMITS,
      // A transaction names the table of each of its parts, and a batch that of its keys.
      environmentVariables: {
        PEOPLE_TABLE: people.tableName,
        OWNERS_TABLE: owners.tableName,
        CLIENTS_TABLE: clients.tableName,
      },
      xrayEnabled: true,
    });
    // Its address depends on it.
    fixLogicalId(api, "GraphqlApi");
    this.#addLog(api);
    return api;
  }

  /** By hand: the construct's own setting brings a function that sets the retention. */
  #addLog(api: GraphqlApi): void {
    const role = new Role(this, "log-role", { assumedBy: new ServicePrincipal("appsync.amazonaws.com") });
    const log = new LogGroup(this, "log", {
      logGroupName: `/aws/appsync/apis/${api.apiId}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    allow(role, ["logs:CreateLogStream", "logs:PutLogEvents"], log.logGroupArn);
    const resource = api.node.defaultChild as CfnGraphQLApi; // an L2's default child is its L1
    resource.logConfig = {
      cloudWatchLogsRoleArn: role.roleArn,
      fieldLogLevel: "ERROR",
      excludeVerboseContent: true,
    };
    acknowledge(
      resource,
      "Errors are logged; verbose content would be headers, which hold tokens, and the names of people",
      "AwsSolutions-ASC3",
    );
  }

  /** Each source has a role of its own. None of them may read devices, which hold push tokens, or stages. */
  #createSources(tables: Tables): Readonly<Record<Source, CfnDataSource>> {
    const people = this.#createRole("people");
    allowItems(
      people,
      tables.people,
      "GetItem",
      "PutItem",
      "UpdateItem",
      "DeleteItem",
      "Scan",
      "BatchGetItem",
    );
    allowIndex(people, tables.people, peopleByFirstName);
    allowIndex(people, tables.people, peopleByLastName);
    allowIndex(people, tables.people, peopleByOwner);
    // In one transaction with the person.
    allowItems(people, tables.owners, "PutItem", "DeleteItem");
    const owners = this.#createRole("owners");
    allowItems(owners, tables.owners, "GetItem", "BatchGetItem");
    const clients = this.#createRole("clients");
    allowItems(clients, tables.clients, "GetItem", "BatchGetItem");
    const calls = this.#createRole("calls");
    allowItems(calls, tables.calls, "GetItem", "Query");
    return {
      people: this.#createSource("people", people, tables.people.tableName),
      owners: this.#createSource("owners", owners, tables.owners.tableName),
      clients: this.#createSource("clients", clients, tables.clients.tableName),
      calls: this.#createSource("calls", calls, tables.calls.tableName),
      nothing: new CfnDataSource(this, "nothing-source", {
        apiId: this.api.apiId,
        name: "nothing",
        type: "NONE",
      }),
    };
  }

  #createRole(source: Source): Role {
    return new Role(this, `${source}-role`, { assumedBy: new ServicePrincipal("appsync.amazonaws.com") });
  }

  #createSource(name: Source, role: Role, tableName: string): CfnDataSource {
    return new CfnDataSource(this, `${name}-source`, {
      apiId: this.api.apiId,
      name,
      type: "AMAZON_DYNAMODB",
      serviceRoleArn: role.roleArn,
      dynamoDbConfig: { tableName, awsRegion: Stack.of(this).region },
    });
  }

  #createResolvers(sources: Readonly<Record<Source, CfnDataSource>>): void {
    const functions = new Map<Step, CfnFunctionConfiguration>();
    for (const [name, [first, ...more]] of Object.entries(fields)) {
      const isAlone = more.length === 0 && !filtered.has(name);
      const resolver = isAlone
        ? this.#createResolver(name, { ...codeOf(first), kind: "UNIT", dataSourceName: steps[first] })
        : this.#createResolver(name, {
            ...codeOf(filtered.get(name) ?? AROUND_STEPS),
            kind: "PIPELINE",
            pipelineConfig: {
              functions: [first, ...more].map(
                (step) => this.#functionOf(functions, step, sources[steps[step]]).attrFunctionId,
              ),
            },
          });
      resolver.addResourceDependency(sources[steps[first]]);
    }
  }

  #createResolver(field: string, props: Pick<CfnResolver, "kind"> & Record<string, unknown>): CfnResolver {
    const [typeName = "", fieldName = ""] = field.split(".");
    const { apiId } = this.api;
    const resolver = new CfnResolver(this, field, { ...props, apiId, typeName, fieldName });
    this.api.addSchemaDependency(resolver);
    return resolver;
  }

  #functionOf(
    functions: Map<Step, CfnFunctionConfiguration>,
    step: Step,
    source: CfnDataSource,
  ): CfnFunctionConfiguration {
    const existing = functions.get(step);
    if (existing) return existing;
    const created = new CfnFunctionConfiguration(this, step, {
      ...codeOf(step),
      apiId: this.api.apiId,
      name: step.replaceAll("-", "_"),
      dataSourceName: steps[step],
    });
    created.addResourceDependency(source);
    functions.set(step, created);
    return created;
  }
}

const codeOf = (name: ResolverName) => ({ code: resolverCode(name), runtime: RUNTIME });
