/** What the doctor reads of an account and Region. Nothing here writes. */
import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { IVSRealTimeClient, paginateListPublicKeys, paginateListStages } from "@aws-sdk/client-ivs-realtime";
import { GetAppsCommand, PinpointClient } from "@aws-sdk/client-pinpoint";
import type { ClientSettings } from "../connection.ts";
import { signedRequests } from "../signed-requests.ts";
import { type DeployedStack, deployedStack } from "./deployed-stack.ts";
import { type Settings, settingsOf } from "./account-settings.ts";
import { type Names, namesIn } from "./names-taken.ts";

export interface Account extends Settings {
  readonly region: string;
  /** Undefined if there is none of that name. */
  stack(name: string): Promise<DeployedStack | undefined>;
  /** Names of all resources of a type. */
  readonly names: Names;
  publicKeys(): Promise<number>;
  /** How many there are, of this stack and of others. */
  stages(): Promise<number>;
  pinpointApps(): Promise<number>;
  /** Whether tokens of this app client can be revoked. */
  revokesTokens(userPoolId: string, clientId: string): Promise<boolean>;
}

export async function openAccount(settings: ClientSettings): Promise<Account> {
  const cloudFormation = new CloudFormationClient(settings);
  const ivs = new IVSRealTimeClient(settings);
  const pinpoint = new PinpointClient(settings);
  const cognito = new CognitoIdentityProviderClient(settings);
  const send = signedRequests(cloudFormation);
  return {
    ...settingsOf(send),
    region: await cloudFormation.config.region(),
    stack: (name) => deployedStack(cloudFormation, name),
    names: namesIn(settings, send),
    publicKeys: () => counted(paginateListPublicKeys({ client: ivs }, {}), ({ publicKeys }) => publicKeys),
    stages: () => counted(paginateListStages({ client: ivs }, { maxResults: 100 }), ({ stages }) => stages),
    async pinpointApps() {
      const { ApplicationsResponse } = await pinpoint.send(new GetAppsCommand({}));
      return ApplicationsResponse?.Item?.length ?? 0;
    },
    async revokesTokens(UserPoolId, ClientId) {
      const command = new DescribeUserPoolClientCommand({ UserPoolId, ClientId });
      return (await cognito.send(command)).UserPoolClient?.EnableTokenRevocation ?? false;
    },
  };
}

async function counted<Page>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly unknown[] | undefined,
): Promise<number> {
  let count = 0;
  for await (const page of pages) count += itemsOf(page)?.length ?? 0;
  return count;
}
