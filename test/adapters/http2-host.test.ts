/** The connection to a push network as on the internet: HTTP/2 over TLS, with a certificate that must be trusted. */
import { createSecureServer, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { http2Host } from "../../handlers/push/direct/http2-host.ts";

const trusted = getCACertificates("default");
let server: Http2SecureServer;
let origin: string;
let certificate: string;

beforeAll(async () => {
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
    ],
  });
  certificate = made.cert;
  server = createSecureServer({ key: made.private, cert: made.cert });
  server.on("stream", (stream, headers) => {
    stream.respond({ ":status": 200, "apns-id": String(headers[":path"]) });
    stream.end("done");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  setDefaultCACertificates(trusted);
  server.close();
});

const request = { path: "/3/device/token", headers: {}, body: "{}" };

test("a host with an untrusted certificate gets no request", async () => {
  await expect(http2Host(origin, () => 0).post(request)).rejects.toThrow(`no connection to ${origin}`);
});

test("a trusted host answers over HTTP/2", async () => {
  setDefaultCACertificates([...trusted, certificate]);
  const reply = await http2Host(origin, () => 0).post(request);
  expect(reply).toMatchObject({ status: 200, headers: { "apns-id": "/3/device/token" }, body: "done" });
});
