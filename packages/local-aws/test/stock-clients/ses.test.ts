import { afterEach, beforeEach, expect, test } from "vitest";
import { createSes } from "../../src/ses/ses.ts";
import { sendSigned } from "./signed-requests.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<ReturnType<typeof makeSes>>;

const makeSes = () => ({ ...createSes({ production: false, sending: true }), resources: {} });

beforeEach(async () => void (aws = await openStockAws(makeSes)));
afterEach(() => aws.close());

test("the account says whether it is in the sandbox", async () => {
  const { status, text } = await sendSigned(aws.settings.endpoint, "ses", { path: "/v2/email/account" });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    ProductionAccessEnabled: false,
    SendingEnabled: true,
    SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0 },
  });
});

test("each operation of SES has been asked for", () => expect(aws.untried()).toEqual([]));
