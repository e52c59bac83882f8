/** What an account may do: who is asking, its quotas, its mail, its parameters. */
import * as z from "zod";
import { askJson, type SendSigned } from "../signed-requests.ts";

const quota = z.object({ QuotaName: z.string(), QuotaCode: z.string(), Value: z.number() });
const quotas = z.object({ Quotas: z.array(quota).default([]), NextToken: z.string().optional() });
const parameter = z.object({ Parameter: z.object({ Value: z.string() }) });
const lambdaSettings = z.object({ AccountLimit: z.object({ ConcurrentExecutions: z.number() }) });
const sesAccount = z.object({
  ProductionAccessEnabled: z.boolean().default(false),
  SendingEnabled: z.boolean().default(false),
});

export interface Quota {
  readonly name: string;
  readonly code: string;
  readonly value: number;
}

export interface Settings {
  identity(): Promise<{ readonly account: string; readonly arn: string }>;
  quotas(serviceCode: string): Promise<Quota[]>;
  /** Undefined if there is none of that name. */
  parameter(name: string): Promise<string | undefined>;
  /** How many functions run at once. */
  lambdaConcurrency(): Promise<number>;
  /** `production`: out of the sandbox, in which SES sends to verified addresses only. */
  ses(): Promise<{ readonly production: boolean; readonly sending: boolean }>;
}

const MOST_PAGES = 20;

export const settingsOf = (send: SendSigned): Settings => ({
  identity: () => identity(send),
  quotas: (serviceCode) => quotasOf(send, serviceCode),
  async parameter(Name) {
    const ssm = { host: "ssm", service: "ssm", target: "AmazonSSM.GetParameter", input: { Name } };
    try {
      return parameter.parse(await askJson(send, ssm)).Parameter.Value;
    } catch (error) {
      if (error instanceof Error && error.name === "ParameterNotFound") return undefined;
      throw error;
    }
  },
  async lambdaConcurrency() {
    const text = await send({ host: "lambda", service: "lambda", path: "/2016-08-19/account-settings" });
    return lambdaSettings.parse(JSON.parse(text)).AccountLimit.ConcurrentExecutions;
  },
  async ses() {
    const text = await send({ host: "email", service: "ses", path: "/v2/email/account" });
    const { ProductionAccessEnabled, SendingEnabled } = sesAccount.parse(JSON.parse(text));
    return { production: ProductionAccessEnabled, sending: SendingEnabled };
  },
});

async function identity(send: SendSigned): Promise<{ account: string; arn: string }> {
  const text = await send({
    host: "sts",
    service: "sts",
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  });
  const [, account] = /<Account>([^<]+)</.exec(text) ?? [];
  const [, arn] = /<Arn>([^<]+)</.exec(text) ?? [];
  if (account !== undefined && arn !== undefined) return { account, arn };
  throw new Error(`STS's reply names no account: ${text.slice(0, 200)}`);
}

async function quotasOf(send: SendSigned, ServiceCode: string): Promise<Quota[]> {
  const found: Quota[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const input = { ServiceCode, ...(NextToken !== undefined && { NextToken }) };
    const target = "ServiceQuotasV20190624.ListServiceQuotas";
    const reply = quotas.parse(
      await askJson(send, { host: "servicequotas", service: "servicequotas", target, input }),
    );
    found.push(
      ...reply.Quotas.map(({ QuotaName: name, QuotaCode: code, Value: value }) => ({ name, code, value })),
    );
    if (reply.NextToken === undefined) break;
    ({ NextToken } = reply);
  }
  return found;
}
