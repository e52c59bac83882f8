import { afterEach, beforeEach, expect, test } from "vitest";
import { USUAL_ACCOUNT } from "../../src/account.ts";
import { createServiceQuotas } from "../../src/service-quotas/service-quotas.ts";
import { askJson } from "./signed-requests.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<ReturnType<typeof makeQuotas>>;

const makeQuotas = (localAws: Parameters<typeof createServiceQuotas>[0]) => ({
  ...createServiceQuotas(localAws, { ...USUAL_ACCOUNT, lambdaConcurrency: 10 }),
  resources: {},
});

beforeEach(async () => void (aws = await openStockAws(makeQuotas)));
afterEach(() => aws.close());

const ask = (operation: string, body: unknown) =>
  askJson(aws.settings.endpoint, "servicequotas", `ServiceQuotasV20190624.${operation}`, body);

test("a quota is read by its code", async () => {
  const { body } = await ask("GetServiceQuota", { ServiceCode: "lambda", QuotaCode: "L-B99A9384" });
  expect(body).toMatchObject({ Quota: { QuotaName: "Concurrent executions", Value: 10, Adjustable: true } });
});

test("the quotas of a service are listed page by page", async () => {
  const first = await ask("ListServiceQuotas", { ServiceCode: "ivs", MaxResults: 1 });
  expect(first.body).toMatchObject({ Quotas: [{ QuotaName: "Stages", Value: 1000 }] });
  const { NextToken } = first.body as { NextToken: string };
  const next = await ask("ListServiceQuotas", { ServiceCode: "ivs", MaxResults: 1, NextToken });
  expect(next.body).toMatchObject({ Quotas: [{ QuotaName: "Concurrent publishers" }] });
  expect(next.body).not.toHaveProperty("NextToken");
});

test("a service or a quota that is not listed is NoSuchResourceException", async () => {
  expect(await ask("ListServiceQuotas", { ServiceCode: "none" })).toEqual({
    status: 400,
    body: {
      __type: "NoSuchResourceException",
      message: "The request failed because the specified service does not exist.",
    },
  });
  const { body } = await ask("GetServiceQuota", { ServiceCode: "ivs", QuotaCode: "L-0" });
  expect(body).toMatchObject({ __type: "NoSuchResourceException" });
});

test("each operation of Service Quotas has been asked for", () => expect(aws.untried()).toEqual([]));
