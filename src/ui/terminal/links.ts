/** A part of a line that can be asked the journeys for. */
export interface Found {
  /** Index of its first character, and of the one after its last. */
  start: number;
  end: number;
  text: string;
  /** The display filter that it stands for (src/journey/display-filter.ts). */
  filter: string;
}

/** 10.4.4.1, 10.4.4.0/24, 10.4.4.1:9080, and tcpdump's 10.4.4.1.9080. */
const ADDRESS = /(?<![\w.])((?:\d{1,3}\.){3}\d{1,3})(?:\/(\d{1,2})|[:.](\d{1,5}))?(?!\w|\.\d)/g;
/** 0x100 and 0x100/0xfff, as iptables and ip-rule print them; 544 as conntrack does. */
const MARK = /(?<![\w/.])(0x[\da-f]{1,8})(?:\/0x[\da-f]{1,8})?(?![\w/.])|(?<=\bmark=)(\d+)\b/gi;

/** Every link of a line of output, in order. */
export function findLinks(line: string): Found[] {
  return [...addresses(line), ...marks(line)].sort((a, b) => a.start - b.start);
}

function addresses(line: string): Found[] {
  const protocol = /\budp\b/i.test(line) && !/\btcp\b/i.test(line) ? "udp" : "tcp";
  const found: Found[] = [];
  for (const match of line.matchAll(ADDRESS)) {
    const [text, ip = "", length, port] = match;
    const first = Number.parseInt(ip, 10);
    // No packet has "any" as an address, and what begins with 255 is a mask.
    if (ip === "0.0.0.0" || first === 255) continue;
    if (ip.split(".").some((byte) => Number(byte) > 255)) continue;
    if (Number(length ?? 0) > 32 || Number(port ?? 0) > 65535) continue;
    const address = `ip.addr == ${length ? `${ip}/${length}` : ip}`;
    const filter = Number(port) ? `${address} and ${protocol}.port == ${port}` : address;
    found.push({ start: match.index, end: match.index + text.length, text, filter });
  }
  return found;
}

/** Whose mark it is: the last match or target that was named. */
const SPEAKER = /(?<![-\w])(?:connmark|mark|fwmark|tproxy)\b/gi;

/** A hexadecimal number is a mark where the line has spoken of marks, and not of their masks. */
function marks(line: string): Found[] {
  const found: Found[] = [];
  for (const match of line.matchAll(MARK)) {
    const [text, hex, decimal] = match;
    const before = line.slice(0, match.index);
    const isPair = text.includes("/");
    if (hex && !isPair && (!/mark/i.test(before) || /mask\s*$/i.test(before))) continue;
    const speaker = before.match(SPEAKER)?.pop()?.toLowerCase();
    const field = decimal || speaker === "connmark" ? "connmark" : "mark";
    const filter = `${field} == ${hex ?? decimal}`;
    found.push({ start: match.index, end: match.index + text.length, text, filter });
  }
  return found;
}
