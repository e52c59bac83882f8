/** The little XML that S3's requests and replies need: elements and text, no attributes but a namespace. */

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/** `undefined` leaves an element out; a list repeats it. */
export function writeXml(name: string, value: unknown, namespace?: string): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => writeXml(name, item)).join("");
  const begin = namespace === undefined ? name : `${name} xmlns="${namespace}"`;
  return `<${begin}>${contentOf(value)}</${name}>`;
}

function contentOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return escapeText(String(value));
  return Object.entries(value)
    .map(([name, item]) => writeXml(name, item))
    .join("");
}

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\r", "&#13;");

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** The root element. Throws on text that is not such XML. */
export function readXml(source: string): XmlElement {
  const open: { name: string; text: string; children: XmlElement[] }[] = [
    { name: "", text: "", children: [] },
  ];
  const token = /<\?[^>]*\?>|<(\/?)([\w:.-]+)[^>]*?(\/?)>|([^<]+)/gy;
  for (const [, closes, name, closesItself, text] of source.matchAll(token)) {
    const current = open.at(-1);
    if (!current) break;
    if (text !== undefined) current.text += unescapeText(text);
    if (name === undefined) continue;
    if (closes) {
      open.pop();
      if (current.name !== name) throw new Error(`</${name}> closes <${current.name}>`);
      continue;
    }
    const element = { name, text: "", children: [] };
    current.children.push(element);
    if (!closesItself) open.push(element);
  }
  const [root] = open[0]?.children ?? [];
  if (!root || open.length !== 1) throw new Error("not well-formed XML");
  return root;
}

const unescapeText = (text: string): string =>
  text.replaceAll(/&(?:lt|gt|quot|apos|amp|#x?[0-9a-f]+);/gi, (entity) => {
    const known = ENTITIES[entity];
    if (known !== undefined) return known;
    const isHexadecimal = entity[2] === "x";
    return String.fromCodePoint(parseInt(entity.slice(isHexadecimal ? 3 : 2, -1), isHexadecimal ? 16 : 10));
  });
