/** `npm run console`, against the AWS port of a runtime. */
import { request } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listen, type Servers } from "../../packages/local-aws/src/servers.ts";
import { readOptions, type Served, serveConsole } from "../../tools/console.ts";
import { startWorld, type World } from "../world.ts";

let world: World;
let servers: Servers;
let served: Served;
let endpoint: string;

beforeEach(async () => {
  world = await startWorld();
  servers = await listen(world.runtime, { port: 0, awsPort: 0 });
  endpoint = `http://127.0.0.1:${servers.awsPort}`;
  served = await serveConsole(readOptions(["--port", "0", "--endpoint-url", endpoint]));
});
afterEach(async () => {
  await served.close();
  await servers.close();
  await world[Symbol.asyncDispose]();
});

/** `fetch` would not send another Host. */
const statusOf = (path: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(`${served.url}${path}`, { headers: { host } }, (reply) => resolve(reply.resume().statusCode))
      .once("error", reject)
      .end();
  });

test("the console finds the stack through CloudFormation, answers this machine's browser, and refuses another Host", async () => {
  const stages = await fetch(`${served.url}/console/api/stages`);
  expect(await stages.json()).toMatchObject({ maxStages: 400, counts: { free: 12 } });
  const config = await fetch(`${served.url}/config.json`);
  expect(await config.json()).toEqual({
    runtime: "local",
    region: "us-east-1",
    userPoolId: world.runtime.outputs["UserPoolId"],
    userPoolClientId: world.runtime.outputs["UserPoolClientId"],
    apiUrl: world.runtime.outputs["ApiUrl"],
    graphqlUrl: world.runtime.outputs["GraphqlUrl"],
    cognitoUrl: endpoint,
  });
  for (const path of ["/console/api/stages", "/config.json", "/console"])
    expect(await statusOf(path, "ringmaster.example")).toBe(403);
  expect(await statusOf("/../package.json", "localhost")).toBe(404);
});

test("a missing stack and a wrong option are named at once", async () => {
  const other = readOptions(["--port", "0", "--endpoint-url", endpoint, "--stack", "Other"]);
  await expect(serveConsole(other)).rejects.toThrow("Stack with id Other does not exist");
  expect(() => readOptions(["--port", "seven"])).toThrow('--port: expected a port number, got "seven"');
  expect(() => readOptions(["--endpoint-url", "here"])).toThrow(
    '--endpoint-url: expected a URL such as http://127.0.0.1:4566, got "here"',
  );
});
