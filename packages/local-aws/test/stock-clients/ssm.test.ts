import { afterEach, beforeEach, expect, test } from "vitest";
import { createSsm } from "../../src/ssm/ssm.ts";
import { askJson } from "./signed-requests.ts";
import { openStockAws, type StockAws } from "./stock-aws.ts";

const VERSION = "/cdk-bootstrap/hnb659fds/version";

let aws: StockAws<ReturnType<typeof makeParameters>>;

const makeParameters = (localAws: Parameters<typeof createSsm>[0]) => ({
  ...createSsm(localAws, { [VERSION]: "28" }),
  resources: {},
});

beforeEach(async () => void (aws = await openStockAws(makeParameters)));
afterEach(() => aws.close());

const ask = (Name: string) => askJson(aws.settings.endpoint, "ssm", "AmazonSSM.GetParameter", { Name });

test("a parameter is read by its name", async () => {
  expect((await ask(VERSION)).body).toEqual({
    Parameter: {
      Name: VERSION,
      Type: "String",
      Value: "28",
      Version: 1,
      ARN: `arn:aws:ssm:us-east-1:000000000000:parameter${VERSION}`,
      DataType: "text",
    },
  });
});

test("a parameter that is not there is ParameterNotFound, without a word", async () => {
  expect(await ask("constructor")).toEqual({
    status: 400,
    body: { __type: "ParameterNotFound", message: "" },
  });
});

test("each operation of Systems Manager has been asked for", () => expect(aws.untried()).toEqual([]));
