import { afterEach, beforeEach, expect, test } from "vitest";
import { createSts } from "../../src/sts/sts.ts";
import { sendSigned } from "./signed-requests.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

let aws: StockAws<ReturnType<typeof makeSts>>;

const makeSts = (localAws: Parameters<typeof createSts>[0]) => ({ ...createSts(localAws), resources: {} });

beforeEach(async () => void (aws = await openStockAws(makeSts)));
afterEach(() => aws.close());

test("a person is told the account, in STS's own XML", async () => {
  const { status, text } = await sendSigned(aws.settings.endpoint, "sts", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: "Action=GetCallerIdentity&Version=2011-06-15",
  });
  expect(status).toBe(200);
  expect(text).toContain('<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
  expect(text).toContain("<Arn>arn:aws:iam::000000000000:root</Arn>");
  expect(text).toContain("<Account>000000000000</Account>");
});

test("a function is told its role", async () => {
  const arn = "arn:aws:iam::000000000000:role/Orders-drive-call";
  const caller = { kind: "role", arn, functionName: "orders-drive-call" } as const;
  const reply = await aws.localAws.call({
    service: "sts",
    operation: "GetCallerIdentity",
    input: {},
    caller,
  });
  expect(reply).toMatchObject({
    Arn: "arn:aws:sts::000000000000:assumed-role/Orders-drive-call/orders-drive-call",
  });
});

test("each operation of STS has been asked for", () => expect(aws.untried()).toEqual([]));
