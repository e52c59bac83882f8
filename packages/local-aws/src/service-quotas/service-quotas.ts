/** Service Quotas: what the account may have of a service, as far as it lists it. */
import * as z from "zod";
import type { AccountQuota } from "../account.ts";
import { AwsError, type LocalAws, type Operation, type Service, type Shape } from "../local-aws.ts";
import { listPage } from "../list-page.ts";

const LAMBDA_CONCURRENCY = "L-B99A9384";
const MOST_QUOTAS = 100;

const one = z.strictObject({ ServiceCode: z.string(), QuotaCode: z.string() });
const several = z.strictObject({
  ServiceCode: z.string(),
  NextToken: z.string().optional(),
  MaxResults: z.number().optional(),
});

export interface ServiceQuotasOptions {
  readonly quotas: readonly AccountQuota[];
  readonly lambdaConcurrency: number;
}

export function createServiceQuotas(
  localAws: LocalAws,
  { quotas, lambdaConcurrency }: ServiceQuotasOptions,
): { service: Service } {
  const concurrency = {
    serviceCode: "lambda",
    quotaCode: LAMBDA_CONCURRENCY,
    quotaName: "Concurrent executions",
    value: lambdaConcurrency,
    adjustable: true,
  };
  const all: readonly AccountQuota[] = [...quotas, concurrency];
  const shape = ({ serviceCode, quotaCode, quotaName, value, adjustable }: AccountQuota): Shape => ({
    ServiceCode: serviceCode,
    QuotaArn: localAws.arn("servicequotas", `${serviceCode}/${quotaCode}`),
    QuotaCode: quotaCode,
    QuotaName: quotaName,
    Value: value,
    Unit: "None",
    Adjustable: adjustable,
    GlobalQuota: false,
    QuotaAppliedAtLevel: "ACCOUNT",
  });
  const operations: Record<string, Operation> = {
    GetServiceQuota: {
      permissions: ({ ServiceCode, QuotaCode }) => [
        {
          action: "servicequotas:GetServiceQuota",
          resource: localAws.arn("servicequotas", `${String(ServiceCode)}/${String(QuotaCode)}`),
        },
      ],
      run(input) {
        const { ServiceCode, QuotaCode } = read(one, input);
        const ofService = quotasOf(all, ServiceCode);
        const found = ofService.find(({ quotaCode }) => quotaCode === QuotaCode);
        if (!found) throw missing("The request failed because the specified quota does not exist.");
        return { Quota: shape(found) };
      },
    },
    ListServiceQuotas: {
      permissions: () => [{ action: "servicequotas:ListServiceQuotas", resource: "*" }],
      run(input) {
        const { ServiceCode, MaxResults: limit, NextToken: token } = read(several, input);
        const request = { member: "maxResults", limit, most: MOST_QUOTAS, token, refuse };
        const { items, next } = listPage(quotasOf(all, ServiceCode), request);
        return { Quotas: items.map(shape), ...(next !== undefined && { NextToken: next }) };
      },
    },
  };
  return { service: { name: "servicequotas", operations } };
}

function quotasOf(all: readonly AccountQuota[], service: string): AccountQuota[] {
  const found = all.filter(({ serviceCode }) => serviceCode === service);
  if (found.length > 0) return found;
  throw missing("The request failed because the specified service does not exist.");
}

const missing = (message: string): AwsError => new AwsError("NoSuchResourceException", message);
const refuse = (message: string): AwsError => new AwsError("IllegalArgumentException", message);

function read<T>(schema: z.ZodType<T>, input: Shape): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refuse(z.prettifyError(parsed.error));
}
