/**
 * What an AWS account brings along before anything is deployed to it: quotas, mail, what `cdk bootstrap` has left. The usual one is
 * in use for long; another may be given to see what a deployment would meet there.
 */
export interface AccountQuota {
  readonly serviceCode: string;
  readonly quotaCode: string;
  readonly quotaName: string;
  readonly value: number;
  readonly adjustable: boolean;
}

export interface Account {
  /** Functions of the account and Region that run at once. AWS gives new accounts 10. */
  readonly lambdaConcurrency: number;
  /** What Service Quotas lists. */
  readonly quotas: readonly AccountQuota[];
  /** In its sandbox (`production: false`), SES sends to verified addresses only. */
  readonly ses: { readonly production: boolean; readonly sending: boolean };
  /** Of Systems Manager, by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

const ivs = (quotaCode: string, quotaName: string, value: number): AccountQuota => ({
  serviceCode: "ivs",
  quotaCode,
  quotaName,
  value,
  adjustable: true,
});

export const USUAL_ACCOUNT: Account = {
  lambdaConcurrency: 1000,
  quotas: [ivs("L-0000STAG", "Stages", 1000), ivs("L-0000PUBL", "Concurrent publishers", 1000)],
  ses: { production: true, sending: true },
  parameters: { "/cdk-bootstrap/hnb659fds/version": "28" },
};
