/** An emulator of AWS with the local AWS port's answers, which creates stacks at once, and lacks what a test takes away. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readBody } from "../../packages/local-aws/src/wire/http-message.ts";

export interface FakeEmulator {
  readonly endpoint: string;
  close(): Promise<void>;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const CREATED = `<CreateStackResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><CreateStackResult>
<StackId>arn:aws:cloudformation:us-east-1:000000000000:stack/Ringmaster/1</StackId></CreateStackResult></CreateStackResponse>`;

const refused = ({ code, message }: Refusal): string =>
  `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
  `<Message>${message}</Message></Error></ErrorResponse>`;

/** `behind`: the address of the local AWS port, with the stack deployed. */
export async function openFakeEmulator(behind: string, createStack?: Refusal): Promise<FakeEmulator> {
  const server = createServer((message, reply) => {
    void (async () => {
      const body = (await readBody(message, Infinity)) ?? Buffer.alloc(0);
      if (/^Action=CreateStack&|&Action=CreateStack&/.test(body.toString("latin1"))) {
        reply.writeHead(createStack ? 400 : 200, { "content-type": "text/xml" });
        return void reply.end(createStack ? refused(createStack) : CREATED);
      }
      const {
        host: _host,
        connection: _connection,
        "content-length": _length,
        expect: _expect,
        ...headers
      } = message.headers;
      const { method = "GET", url = "/" } = message;
      const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
      const forwarded = { method, headers: headers as Record<string, string>, ...(hasBody && { body }) };
      const answer = await fetch(`${behind}${url}`, forwarded);
      const text = Buffer.from(await answer.arrayBuffer());
      // The time of the runtime behind.
      reply.sendDate = false;
      reply.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
    })();
  });
  await new Promise<void>((opened) => server.listen(0, "127.0.0.1", opened));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      return closed;
    },
  };
}
