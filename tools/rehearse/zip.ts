/** A zip archive of a folder: the code of a function, as Lambda takes it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATED = 8;
/** 1980-01-01, the first day that zip knows: the same files give the same archive. */
const FIRST_DAY = 0x0021;
const READABLE = 0o100644 << 16;

export function zipOf(directory: string): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const path of filesIn(directory)) {
    const name = Buffer.from(path);
    const content = readFileSync(join(directory, path));
    const packed = deflateRawSync(content);
    const shared = sharedHeader(name, content, packed);
    const header = Buffer.concat([uint32(LOCAL_HEADER), shared, name, packed]);
    local.push(header);
    // No comment, first disk, no internal attributes.
    const rest = Buffer.concat([uint16(0), uint16(0), uint16(0), uint32(READABLE), uint32(offset)]);
    central.push(Buffer.concat([uint32(CENTRAL_HEADER), uint16(VERSION), shared, rest, name]));
    offset += header.length;
  }
  const directoryBytes = Buffer.concat(central);
  const counts = [uint16(0), uint16(0), uint16(central.length), uint16(central.length)];
  const end = [uint32(END), ...counts, uint32(directoryBytes.length), uint32(offset), uint16(0)];
  return Buffer.concat([...local, directoryBytes, ...end]);
}

/** What both headers of a file say. */
function sharedHeader(name: Buffer, content: Buffer, packed: Buffer): Buffer {
  return Buffer.concat([
    ...[VERSION, UTF8_NAMES, DEFLATED, 0, FIRST_DAY].map(uint16),
    ...[crc32(content), packed.length, content.length].map(uint32),
    ...[name.length, 0].map(uint16),
  ]);
}

const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .toSorted();

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
