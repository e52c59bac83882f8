import { createPrivateKey, createPublicKey } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { customResource } from "../../handlers/edge/custom-resource.ts";
import { edge, logger } from "../../handlers/edge/handler.ts";
import {
  type MadeKey,
  makeSigningKey,
  type SigningKeyMaker,
} from "../../handlers/media/ivs/make-signing-key.ts";

/** IVS and the secret, as far as they hold keys. */
function fakeMaker() {
  const keys = new Map<string, { name: string; pem: string }>();
  const secrets: MadeKey[] = [];
  let imported = 0;
  const maker: SigningKeyMaker = {
    async importPublicKey(pem, name) {
      imported += 1;
      keys.set(`arn:key/${imported}`, { name, pem });
      return `arn:key/${imported}`;
    },
    publicKeysNamed: async (wanted) => [...keys].flatMap(([arn, { name }]) => (name === wanted ? arn : [])),
    deletePublicKey: async (arn) => void keys.delete(arn),
    putSecret: async (value) => void secrets.push(value),
    readSecret: async () => secrets.at(-1),
  };
  return { ...maker, keys, secrets };
}

const ask = (RequestType: "Create" | "Update" | "Delete", PhysicalResourceId?: string) => ({
  RequestType,
  PhysicalResourceId,
  RequestId: "request",
});

describe("when the stack is created", () => {
  test("the function makes a P-384 key: IVS gets the public half, the secret the private half", async () => {
    const maker = fakeMaker();
    const arn = await makeSigningKey(maker, ask("Create"));
    const [secret] = maker.secrets;
    const key = createPrivateKey(secret?.pem ?? "");
    expect([secret?.kid, key.asymmetricKeyDetails?.namedCurve]).toEqual([arn, "secp384r1"]);
    expect(maker.keys.get(arn)?.pem).toBe(createPublicKey(key).export({ type: "spki", format: "pem" }));
  });

  test("a key whose private half cannot be stored is removed from IVS, which allows three", async () => {
    const maker = fakeMaker();
    const putSecret = () => Promise.reject(new Error("no such secret"));
    await expect(makeSigningKey({ ...maker, putSecret }, ask("Create"))).rejects.toThrow("no such secret");
    expect(maker.keys.size).toBe(0);
  });

  test("a repeat of the same request finds the key that it made", async () => {
    const maker = fakeMaker();
    const arns = [await makeSigningKey(maker, ask("Create")), await makeSigningKey(maker, ask("Create"))];
    expect([new Set(arns).size, maker.keys.size, maker.secrets.length]).toEqual([1, 1, 1]);
  });

  test("a repeat removes the key of a run that died between IVS and the secret", async () => {
    const maker = fakeMaker();
    const dies = { ...maker, putSecret: () => new Promise<never>(() => undefined) };
    void makeSigningKey(dies, ask("Create"));
    await vi.waitFor(() => expect(maker.keys.size).toBe(1));
    const arn = await makeSigningKey(maker, ask("Create"));
    expect([...maker.keys.keys()]).toEqual([arn]);
  });

  test("keys of other stacks stay", async () => {
    const maker = fakeMaker();
    await maker.importPublicKey("theirs", "ringmaster-another-request");
    await makeSigningKey(maker, ask("Create"));
    expect(maker.keys.size).toBe(2);
  });
});

test("an update keeps the key", async () => {
  const maker = fakeMaker();
  const arn = await makeSigningKey(maker, ask("Create"));
  expect(await makeSigningKey(maker, ask("Update", arn))).toBe(arn);
  expect([maker.keys.size, maker.secrets.length]).toEqual([1, 1]);
});

describe("when the stack is deleted", () => {
  test("the public key is deleted", async () => {
    const maker = fakeMaker();
    await makeSigningKey(maker, ask("Delete", await makeSigningKey(maker, ask("Create"))));
    expect(maker.keys.size).toBe(0);
  });

  test("a key is deleted even if CloudFormation never learned its ARN", async () => {
    const maker = fakeMaker();
    await makeSigningKey(maker, ask("Create"));
    await makeSigningKey(maker, ask("Delete", "Ringmaster-SigningKey-1ABC"));
    expect(maker.keys.size).toBe(0);
  });

  test("a creation that failed has left no key to delete", async () => {
    const maker = fakeMaker();
    await maker.importPublicKey("theirs", "ringmaster-another-request");
    await makeSigningKey(maker, ask("Delete", "request"));
    expect(maker.keys.size).toBe(1);
  });
});

describe("the reply to CloudFormation", () => {
  let server: Server;
  const statuses: number[] = [];
  const replies: { headers: object; body: unknown }[] = [];

  beforeEach(async () => {
    statuses.length = replies.length = 0;
    vi.spyOn(edge, "pause").mockResolvedValue();
    for (const level of ["warn", "error"] as const) vi.spyOn(logger, level).mockReturnValue();
    server = createServer((message, response) => {
      const parts: Buffer[] = [];
      message.on("data", (part: Buffer) => parts.push(part));
      message.on("end", () => {
        replies.push({ headers: message.headers, body: JSON.parse(Buffer.concat(parts).toString()) });
        response.writeHead(statuses.shift() ?? 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const run = (work: () => Promise<string>) =>
    customResource(work)(
      {
        ...ask("Create"),
        ResponseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/reply?X-Amz-Signature=1`,
        StackId: "stack",
        LogicalResourceId: "SigningKey",
      },
      {} as never,
    );

  test("also works over http, and without a content type, which the address is not signed for", async () => {
    await run(async () => "arn:key/1");
    const common = { StackId: "stack", RequestId: "request", LogicalResourceId: "SigningKey" };
    expect(replies[0]?.body).toEqual({ ...common, Status: "SUCCESS", PhysicalResourceId: "arn:key/1" });
    expect(replies[0]?.headers).not.toHaveProperty("content-type");
  });

  test("contains the reason of a failure", async () => {
    await run(() => Promise.reject(new Error("three keys already")));
    expect(replies.map(({ body }) => body)).toMatchObject([
      { Status: "FAILED", PhysicalResourceId: "request", Reason: "three keys already" },
    ]);
  });

  test("is repeated unchanged until CloudFormation takes it", async () => {
    statuses.push(500, 503);
    const work = vi.fn<() => Promise<string>>(async () => "arn:key/1");
    await run(work);
    expect(replies.map(({ body }) => (body as { Status: string }).Status)).toEqual(Array(3).fill("SUCCESS"));
    expect(work).toHaveBeenCalledOnce();
  });

  test("fails the run if it is never taken, so that Lambda runs it again, and never turns SUCCESS into FAILED", async () => {
    statuses.push(403, 403, 403);
    await expect(run(async () => "arn:key/1")).rejects.toThrow("status 403");
    expect(replies.map(({ body }) => (body as { Status: string }).Status)).toEqual(Array(3).fill("SUCCESS"));
  });
});
