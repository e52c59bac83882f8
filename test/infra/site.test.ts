/** The browser phone on the web, as a deployment with that setting publishes it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { beforeAll, expect, test } from "vitest";
import { appWith, ofType, type TemplateJson, templateWith } from "./synthesis.ts";

let template: TemplateJson;
let outdir: string;
beforeAll(async () => {
  const app = await appWith({ site: true });
  const { templateFullPath } = app.synth().getStackByName("Ringmaster");
  template = JSON.parse(readFileSync(templateFullPath, "utf8")) as TemplateJson; // CDK has just written this file
  outdir = app.outdir;
});

test("the default deployment contains none of it", async () => {
  const types = Object.values((await templateWith()).Resources).map(({ Type }) => Type);
  expect(types.filter((type) => type.startsWith("AWS::CloudFront"))).toEqual([]);
});

test("only CloudFront reads the bucket, and visitors use HTTPS", () => {
  const [[, distribution] = []] = ofType(template, "AWS::CloudFront::Distribution");
  expect(distribution?.Properties["DistributionConfig"]).toMatchObject({
    DefaultCacheBehavior: { ViewerProtocolPolicy: "redirect-to-https" },
    Origins: [{ OriginAccessControlId: expect.anything() }],
  });
});

test.each([
  ["/", "/phone/index.html"],
  ["/phone", "/phone/index.html"],
  ["/phone/history", "/phone/index.html"],
  ["/phones", "/phones"],
  ["/assets/phone-abc.js", "/assets/phone-abc.js"],
  ["/app/call-notices.js", "/app/call-notices.js"],
  ["/config.json", "/config.json"],
])("%s shows %s", (uri, shown) => {
  const [[, toPage] = []] = ofType(template, "AWS::CloudFront::Function");
  const code = String(toPage?.Properties["FunctionCode"]);
  const context = createContext({ event: { request: { uri } } });
  expect(runInContext(`${code}; handler(event)`, context)).toEqual({ uri: shown });
});

test("the phone is uploaded with its stack's addresses, and the console is not", () => {
  const assets = readdirSync(outdir).filter((name) => name.startsWith("asset."));
  const assetWith = (...file: string[]) => assets.find((name) => existsSync(join(outdir, name, ...file)));
  const pages = join(outdir, String(assetWith("phone", "index.html")));
  expect(readdirSync(pages)).toEqual(["app", "phone"]);
  const config = readFileSync(join(outdir, String(assetWith("config.json")), "config.json"), "utf8");
  expect(Object.keys(JSON.parse(config) as object).toSorted()).toEqual(
    ["apiUrl", "graphqlUrl", "region", "runtime", "userPoolClientId", "userPoolId"].toSorted(),
  );
});
