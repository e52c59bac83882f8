/** `aws-chunked`: how clients send a body whose length or checksum they learn while sending. */

export interface Unchunked {
  readonly body: Buffer;
  /** By lower-case name: `x-amz-checksum-crc32`. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** `<size in hex>[;chunk-signature=…]\r\n<bytes>\r\n`, a chunk of size 0, then trailers. */
export function unchunk(sent: Buffer): Unchunked {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = sent.indexOf("\r\n", at);
    const size = parseInt(sent.toString("latin1", at, end), 16);
    if (end < 0 || Number.isNaN(size)) throw new Error("the body is not aws-chunked");
    at = end + 2;
    if (size === 0) return { body: Buffer.concat(chunks), trailers: trailersIn(sent.toString("latin1", at)) };
    chunks.push(sent.subarray(at, at + size));
    at += size + 2;
  }
}

function trailersIn(text: string): Record<string, string> {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}
