/** `npm start` for a person at a terminal: what it prints works word for word. */
import "./programs.ts";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { readAssembly } from "../../packages/local-aws/src/cloudformation/assembly.ts";

const run = promisify(execFile);
const FREE_PORTS = ["--port", "0", "--tls-port", "0", "--aws-port", "0"];
const PROGRAM = ["--import", "./require-node.mjs", "local/main.ts"];
const DATA = mkdtempSync(join(tmpdir(), "ringmaster-data-"));
const data = (name: string): string[] => ["--data", join(DATA, name)];
const READY = "Ctrl-C stops.";

let program: ChildProcess;
let printed = "";

function start(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(async () => {
  program = start([...PROGRAM, ...FREE_PORTS, ...data("main")]);
  await ready(program, (text) => (printed += text));
});
afterAll(() => {
  program.kill();
  rmSync(DATA, { recursive: true, force: true });
});

function ready(started: ChildProcess, tell: (text: string) => void): Promise<void> {
  let all = "";
  return new Promise((resolve, reject) => {
    started.stdout?.setEncoding("utf8").on("data", (text: string) => {
      tell(text);
      all += text;
      if (all.includes(READY)) resolve();
    });
    started.stderr?.on("data", (text) => {
      tell(String(text));
      all += String(text);
    });
    started.once("exit", (code) => reject(new Error(`exit code ${code}: ${all}`)));
  });
}

const addressOf = (what: string): string => new RegExp(`${what} +(https?://\\S+)`).exec(printed)?.[1] ?? "";

describe("npm start", () => {
  test("prints how long it took and whether it had to synthesize", () => {
    expect(printed).toMatch(
      /^Ringmaster is ready after \d+\.\d s\. (No source has changed: the last stack is used again|The stack was synthesized from the sources)\.\n/m,
    );
  });

  test("reports a function that does not load as soon as it is ready", async () => {
    const directory = mkdtempSync(join(tmpdir(), "ringmaster-broken-"));
    cpSync(inject("assembly"), directory, { recursive: true });
    const assembly = readAssembly(directory);
    const code = assembly.template.Resources["SendPush"]?.Properties?.["Code"];
    const { S3Key = "" } = (code ?? {}) as { S3Key?: string };
    writeFileSync(join(assembly.assetPath(S3Key), "index.mjs"), `throw new Error("no push");`);
    const program = `import { readOptions } from "./local/start-options.ts";
      import { start } from "./local/start.ts";
      await start(readOptions(${JSON.stringify([...FREE_PORTS, ...data("broken")])}), { directory: "${directory}", reused: true });`;
    const broken = start(["--input-type=module", "-e", program]);
    let said = "";
    for (const stream of [broken.stdout, broken.stderr]) stream?.on("data", (text) => (said += String(text)));
    await vi.waitUntil(() => said.includes("Stop, fix it"), 60_000);
    broken.kill();
    await once(broken, "exit");
    rmSync(directory, { recursive: true });
    expect(said.indexOf("is ready after")).toBeLessThan(
      said.indexOf("function ringmaster-send-push does not load"),
    );
    expect(said).toContain("used again");
    expect(said).toContain("function ringmaster-send-push does not load: no push");
  });

  test("prints a walk-through that makes a whole call in sh", async () => {
    const text = printed.split("---8<---\n")[1]?.split("--->8---")[0] ?? "";
    const { stdout, stderr } = await run("sh", ["-c", text]);
    expect(stderr).toBe("");
    expect(stdout).toContain('"type":"incoming_call"');
    expect(stdout).toContain('"status":"ringing"');
    expect(stdout.match(/"joined":true,"participantId":"[\w-]{36}-[12]-1"/g)).toHaveLength(2);
    expect(stdout.match(/"joined":false/g)).toHaveLength(2);
    expect(stdout).toContain('"endReason":"completed"');
    expect(stdout).toMatch(/execution SUCCEEDED\n {2}Push sent\n {2}Token issued\n {2}Ringing\n/);
    // The last command lists the states from the history.
    expect(stdout.trimEnd().split("\n").slice(-2)).toEqual(["Clean up", "Call ended"]);
  });

  test("prints each step of the call in a line", () => {
    expect(printed).toMatch(/request {2}initiateCall → 200 +call …\w{6}/);
    expect(printed).toMatch(/state {4}Answered +call …\w{6}/);
    expect(printed).toMatch(/push {5}incoming_call +call …\w{6} {2}GCM bobs-p… SUCCESSFUL/);
  });

  test("serves the same over TLS to clients that trust the certificate that it prints", async () => {
    const address = addressOf("over TLS");
    const [, path = ""] = /trust (\S+localhost\.crt)/.exec(printed) ?? [];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: path };
    const ask = `console.log((await fetch("${address}")).status)`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", ask], { env });
    expect(stdout).toBe("200\n");
  });

  test("links from / to the phones and the console, and shows where programs connect", async () => {
    const page = await (await fetch(addressOf("REST API"))).text();
    expect(page).toContain(addressOf("AWS APIs"));
    const links = [...page.matchAll(/href="([^"]+)"/g)].map(([, path]) => `${addressOf("REST API")}${path}`);
    expect(links).toContain(addressOf("Phones"));
    expect(links).toContain(addressOf("Console"));
    for (const link of links) {
      const { status, headers } = await fetch(link);
      expect({ link, status, type: headers.get("content-type") }).toEqual({
        link,
        status: 200,
        type: "text/html; charset=utf-8",
      });
    }
  });

  test.each([
    ["/local/calls/none", 404],
    ["/local/calls/no%20name", 404],
    ["/local/calls/%E0%A4%A", 404],
    ["/clients/%E0%A4%A", 401],
    ["/%E0%A4%A", 404],
  ])("answers %s, which names nothing, with %i", async (path, status) => {
    const reply = await fetch(`${addressOf("REST API")}${path}`);
    expect({ status: reply.status, text: await reply.text() }).toEqual({
      status,
      text: expect.not.stringContaining("    at "),
    });
  });

  test("lets the stock SDK read the call's execution from start to end", async () => {
    const client = new SFNClient({
      endpoint: addressOf("AWS APIs"),
      region: "us-east-1",
      credentials: { accessKeyId: "any", secretAccessKey: "any" },
    });
    const stateMachineArn = /arn:aws:states:[^"]+:execution:call/
      .exec(printed)?.[0]
      .replace(":execution:", ":stateMachine:");
    const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
    const executionArn = executions?.[0]?.executionArn;
    const { input, status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    const { events } = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    expect([status, Object.keys(JSON.parse(input ?? ""))]).toEqual(["SUCCEEDED", ["callId", "calleeId"]]);
    expect([events?.[0]?.type, events?.at(-1)?.type]).toEqual(["ExecutionStarted", "ExecutionSucceeded"]);
    client.destroy();
  });

  test("prints and keeps the code of a person who signs up", async () => {
    const ClientId = /"ClientId\\*":\\*"(\w+)/.exec(printed)?.[1];
    const UserAttributes = [{ Name: "email", Value: "dora@example.com" }];
    const reply = await fetch(addressOf("AWS APIs"), {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSCognitoIdentityProviderService.SignUp",
      },
      body: JSON.stringify({ ClientId, Username: "dora", Password: "Dora-joins-1", UserAttributes }),
    });
    expect(reply.status).toBe(200);
    const mails = await (await fetch(`${addressOf("REST API")}/local/mail/dora?wait=5`)).json();
    expect(mails).toEqual([expect.objectContaining({ to: "dora@example.com", subject: "Your code" })]);
    const code = /Your code is (\d{6})/.exec(JSON.stringify(mails))?.[1];
    expect(printed).toContain(`sign-up code of dora: ${code}`);
  });

  test("explains why a token opens no stage", async () => {
    const stage = async (action: string, body: string) => {
      const reply = await fetch(`${addressOf("REST API")}/local/stage/${action}`, { method: "POST", body });
      return [reply.status, await reply.text()];
    };
    expect(await stage("join", "{}")).toEqual([400, expect.stringContaining("token: expected")]);
    expect(await stage("join", '{"token":"x"}')).toEqual([403, expect.stringContaining("TOKEN_")]);
    expect(await stage("leave", '{"token":"x"}')).toEqual([
      404,
      expect.stringContaining("no participant has joined"),
    ]);
  });

  test("streams what is pushed to a phone", async () => {
    const cancel = new AbortController();
    const response = await fetch(`${addressOf("REST API")}/local/push/bobs-phone`, {
      headers: { accept: "text/event-stream" },
      signal: cancel.signal,
    });
    const first = await response.body?.getReader().read();
    expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^data: .*"incoming_call"/);
    cancel.abort();
  });

  test("names the port that is in use and the flag that changes it", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const second = start([...PROGRAM, ...FREE_PORTS, ...data("busy"), "--port", String(port)]);
    let said = "";
    second.stderr?.on("data", (text) => (said += String(text)));
    const [code] = await once(second, "exit");
    server.close();
    expect(code).toBe(1);
    expect(said).toContain(`port ${port} is in use`);
    expect(said).toContain("--port");
  });

  test("continues after a kill with the same addresses, sign-ins and phones, and starts again with --fresh", async () => {
    const told: string[] = [];
    const begin = async (...more: string[]): Promise<{ process: ChildProcess; text: string }> => {
      let text = "";
      const started = start([...PROGRAM, ...FREE_PORTS, ...data("kept"), ...more]);
      await ready(started, (part) => (text += part));
      told.push(text);
      return { process: started, text };
    };
    const end = async ({ process: started }: { process: ChildProcess }): Promise<void> => {
      started.removeAllListeners("exit");
      started.kill("SIGKILL");
      await once(started, "exit");
    };
    const app = ({ text }: { text: string }): string => /REST API +(\S+)/.exec(text)?.[1] ?? "";
    const config = async (of: { text: string }) =>
      (await (await fetch(`${app(of)}/config.json`)).json()) as Record<string, string>;
    const first = await begin();
    const before = await config(first);
    const signedIn = await fetch(before["cognitoUrl"] ?? "", {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
      },
      body: JSON.stringify({
        AuthFlow: "USER_PASSWORD_AUTH",
        ClientId: before["userPoolClientId"],
        AuthParameters: { USERNAME: "alice", PASSWORD: "Alice-calls-1" },
      }),
    });
    const { AuthenticationResult } = (await signedIn.json()) as {
      AuthenticationResult: { AccessToken: string };
    };
    const register = async (of: { text: string }) => {
      const reply = await fetch(app(of), {
        method: "POST",
        headers: { authorization: `Bearer ${AuthenticationResult.AccessToken}` },
        body: JSON.stringify({
          action: "register",
          notifyType: "GCM",
          deviceToken: "kept",
          deviceId: "kept",
        }),
      });
      return { status: reply.status, id: ((await reply.json()) as { id?: string }).id };
    };
    const registered = await register(first);
    expect(registered.status).toBe(200);
    const second = start([...PROGRAM, ...FREE_PORTS, ...data("kept")]);
    await expect(ready(second, () => undefined)).rejects.toThrow(
      `another runtime (process ${first.process.pid}) keeps its state in`,
    );
    await end(first);

    const again = await begin();
    const { userPoolId, userPoolClientId } = before;
    expect(await config(again)).toMatchObject({ userPoolId, userPoolClientId });
    expect(await register(again)).toEqual(registered);
    await end(again);

    const fresh = await begin("--fresh");
    expect((await register(fresh)).status).toBe(401);
    await end(fresh);
    expect(told.map((text) => /^State (?:is new|goes on from the last start)/m.exec(text)?.[0])).toEqual([
      "State is new",
      "State goes on from the last start",
      "State is new",
    ]);
  });

  test("refuses an unknown option", async () => {
    const wrong = start([...PROGRAM, "--quotas", "maybe"]);
    let said = "";
    wrong.stderr?.on("data", (text) => (said += String(text)));
    const [code] = await once(wrong, "exit");
    expect([code, said]).toEqual([1, expect.stringContaining("--quotas: expected on or off")]);
  });

  test("stops cleanly on Ctrl-C", async () => {
    program.removeAllListeners("exit");
    program.kill("SIGINT");
    const [code] = await once(program, "exit");
    expect(code).toBe(0);
    expect(printed).toMatch(/stopped\n$/);
  });
});
