import { SysError, strerror } from "../../base/errno.ts";
import type { Process, Run } from "../../host/process.ts";
import { resolverConfig } from "../../host/resolv.ts";
import { ownerOf } from "../../net/socket/owner.ts";
import { UdpSock } from "../../net/udp/sock.ts";
import { MSEC, SEC } from "../../sim/sim.ts";
import { formatIpv4, parseIpv4 } from "../../wire/address.ts";
import {
  DNS_RCODES,
  type DnsMessage,
  type DnsRecord,
  decodeDns,
  dnsQuery,
  dnsTypeNumber,
  encodeDns,
} from "../../wire/dns.ts";
import type { Command } from "../command.ts";
import { lookupHost } from "../resolve.ts";

const VERSION = "9.18.49-1~deb12u3-Debian";
const USAGE = `Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}
            {global-d-opt} host [@local-server] {local-d-opt}
            [ host [@local-server] {local-d-opt} [...]]

Use "dig -h" (or "dig -h | more") for complete list of options
`;

/** What is printed, by the names of the +options. */
const PARTS = [
  "cmd",
  "comments",
  "question",
  "answer",
  "authority",
  "additional",
  "stats",
] as const;

class Settings {
  server: string | null = null;
  name: string | null = null;
  type = "A";
  port = 53;
  short = false;
  edns = true;
  cookie = true;
  recurse = true;
  search = false;
  time = 5;
  tries = 3;
  shown = new Set<string>(PARTS);
  source: number | null = null;
}

/** Options that change nothing here but are taken. */
const IGNORED =
  /^(no)?(ttlid|class|multiline|tcp|vc|ignore|dnssec|adflag|cdflag|all|trace|nssearch|identify|qr|crypto|idnin|idnout|keepopen|fail|besteffort|bufsize|ndots|retry)(=.*)?$/;

function setFlag(s: Settings, word: string): boolean {
  const off = word.startsWith("no");
  const [name = "", value] = (off ? word.slice(2) : word).split("=");
  if (name === "all") s.shown = new Set(off ? [] : PARTS);
  else if ((PARTS as readonly string[]).includes(name)) {
    if (off) s.shown.delete(name);
    else s.shown.add(name);
  } else if (name === "short") s.short = !off;
  else if (name === "edns") s.edns = !off;
  else if (name === "cookie") s.cookie = !off;
  else if (name === "recurse" || name === "rec") s.recurse = !off;
  else if (name === "search") s.search = !off;
  else if (name === "time" || name === "timeout") s.time = Math.max(1, Number(value));
  else if (name === "tries") s.tries = Math.max(1, Number(value));
  else if (name === "retry") s.tries = 1 + Number(value);
  else return IGNORED.test(word);
  return true;
}

/** What is wrong with the command line, or null. */
function parse(s: Settings, argv: readonly string[]): string | null {
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    if (word.startsWith("@")) s.server = word.slice(1);
    else if (word.startsWith("+")) {
      if (!setFlag(s, word.slice(1))) return `Invalid option: ${word}\n${USAGE}`;
    } else if (word.startsWith("-") && word.length > 1) {
      const letter = word[1] as string;
      if (letter === "4" || letter === "6" || letter === "u" || letter === "r") continue;
      if (!"ptxqbc".includes(letter)) return `Invalid option: ${word}\n${USAGE}`;
      const value = word.length > 2 ? word.slice(2) : argv[++i];
      if (value === undefined) return `Invalid option: ${word}\n${USAGE}`;
      if (letter === "p") s.port = Number(value);
      else if (letter === "t") s.type = value.toUpperCase();
      else if (letter === "q") s.name = value;
      else if (letter === "b") s.source = parseIpv4(value.replace(/#.*$/, ""));
      else if (letter === "x") {
        s.name = `${value.split(".").reverse().join(".")}.in-addr.arpa`;
        s.type = "PTR";
      }
    } else if (/^(in|ch|hs)$/i.test(word)) continue;
    else if (dnsTypeNumber(word) !== null && s.name !== null) s.type = word.toUpperCase();
    else if (dnsTypeNumber(word) !== null && !argv.slice(i + 1).every((w) => /^[@+-]/.test(w)))
      s.type = word.toUpperCase();
    else s.name = word;
  }
  return null;
}

/** bind9: lib/dns/masterdump.c: columns at 24, 32, 40. */
function recordLine(record: DnsRecord): string {
  const name = tabTo(record.name, 24);
  return `${name}${record.ttl}\tIN\t${record.type}\t${record.data}\n`;
}

function tabTo(text: string, column: number): string {
  let out = text;
  do out += "\t";
  while (Math.ceil((width(out) + 0.5) / 8) * 8 < column + 8 && width(out) < column);
  return out;
}

function width(text: string): number {
  let at = 0;
  for (const c of text) at = c === "\t" ? (Math.floor(at / 8) + 1) * 8 : at + 1;
  return at;
}

function answerText(s: Settings, answer: DnsMessage): string {
  const shown = (part: string): boolean => s.shown.has(part);
  let text = "";
  if (shown("comments")) {
    const status = DNS_RCODES[answer.rcode] ?? `RESERVED${answer.rcode}`;
    const flags = [
      ["qr", answer.response],
      ["aa", answer.authoritative],
      ["tc", answer.truncated],
      ["rd", answer.recursionDesired],
      ["ra", answer.recursionAvailable],
      ["ad", answer.authenticData],
    ] as const;
    const set = flags
      .filter(([, on]) => on)
      .map(([name]) => ` ${name}`)
      .join("");
    const extra = answer.additional.length + (answer.edns ? 1 : 0);
    text += `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${status}, id: ${answer.id}\n`;
    text += `;; flags:${set}; QUERY: ${answer.questions.length}, ANSWER: ${answer.answers.length}, AUTHORITY: ${answer.authority.length}, ADDITIONAL: ${extra}\n`;
    if (answer.recursionDesired && !answer.recursionAvailable)
      text += ";; WARNING: recursion requested but not available\n";
    text += "\n";
    if (answer.edns) {
      text += `;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: ${answer.edns.udpSize}\n`;
      if (answer.edns.cookie) text += `; COOKIE: ${answer.edns.cookie}\n`;
    }
  }
  if (shown("question") && answer.questions.length) {
    if (shown("comments")) text += ";; QUESTION SECTION:\n";
    for (const q of answer.questions)
      text += `${tabTo(`;${q.name}`, 32).replace(/\t$/, "\t")}IN\t${q.type}\n`;
    if (shown("comments")) text += "\n";
  }
  const sections: [string, string, DnsRecord[]][] = [
    ["answer", "ANSWER", answer.answers],
    ["authority", "AUTHORITY", answer.authority],
    ["additional", "ADDITIONAL", answer.additional],
  ];
  for (const [part, title, records] of sections) {
    if (!shown(part) || records.length === 0) continue;
    if (shown("comments")) text += `;; ${title} SECTION:\n`;
    text += records.map(recordLine).join("");
    if (shown("comments")) text += "\n";
  }
  return text;
}

/** `Mon Nov 21 08:00:00 UTC 2022` */
function when(p: Process): string {
  const at = new Date(p.sim.epoch + Math.floor(p.sim.now / MSEC));
  const [day, date, month, year, time] = at.toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${date} ${time} UTC ${year}`;
}

const UNREACHABLE = "network unreachable";

/** One try with one server: the answer, or what to say about the failure. */
function* ask(
  p: Process,
  s: Settings,
  server: number,
  query: DnsMessage,
): Run<{ answer: DnsMessage; size: number } | string> {
  const sock = new UdpSock(p.netns, ownerOf(p));
  const until = p.sim.now + s.time * SEC;
  try {
    if (s.source !== null) sock.bind(s.source, 0);
    sock.connect(server, s.port);
    sock.sendTo(encodeDns(query));
    for (;;) {
      const datagram = sock.recvFrom();
      if (datagram) {
        const answer = decodeDns(datagram.data);
        if (answer?.id === query.id && answer.response)
          return { answer, size: datagram.data.length };
        continue;
      }
      if (p.sim.now >= until) return "timed out";
      yield* p.wait([sock.readable], until);
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    if (error.code === "ENETUNREACH") return UNREACHABLE;
    return error.code === "ECONNREFUSED"
      ? "connection refused"
      : strerror(error.code).toLowerCase();
  } finally {
    sock.close();
  }
}

function* dig_(p: Process, s: Settings, words: readonly string[]): Run {
  let servers = resolverConfig(p.machine).servers;
  let named = formatIpv4(servers[0] as number);
  if (s.server !== null) {
    const found = yield* lookupHost(p, s.server);
    if (typeof found === "string") {
      yield* p.err(
        `dig: couldn't get address for '${s.server}': ${found === "EAI_NONAME" ? "not found" : "failure"}\n`,
      );
      return 1;
    }
    servers = found.addresses;
    named = s.server;
  }
  const rng = p.sim.rng(`dns/${p.netns.id}`);
  const config = resolverConfig(p.machine);
  const base = s.name ?? ".";
  const names =
    s.search && base.split(".").length - 1 < config.ndots && !base.endsWith(".")
      ? config.search.map((d) => `${base}.${d}`).concat(base)
      : [base];
  const count = servers.length === 1 ? "1 server" : `${servers.length} servers`;
  // What is found when the first name is read; a server that is named later is not counted.
  const nameAt = words.findIndex((word) => word === s.name || word === "-x");
  const counted = s.server !== null && (nameAt < 0 || words.indexOf(`@${s.server}`) < nameAt);
  const head =
    s.shown.has("cmd") && !s.short
      ? `\n; <<>> DiG ${VERSION} <<>> ${words.join(" ")}\n${counted ? `; (${count} found)\n` : ""};; global options: +cmd\n`
      : "";
  for (const [i, name] of names.entries()) {
    const query: DnsMessage = {
      ...dnsQuery(rng.below(65536), name, s.name === null ? "NS" : s.type),
      recursionDesired: s.recurse,
      authenticData: true,
    };
    if (s.edns) {
      const cookie = Array.from(rng.bytes(8), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
      );
      query.edns = { udpSize: 1232, cookie: s.cookie ? cookie : "" };
    }
    let said = "";
    const began = p.sim.now;
    for (let attempt = 0; attempt < s.tries; attempt++)
      for (const server of servers) {
        const got = yield* ask(p, s, server, query);
        if (got === UNREACHABLE) {
          said += `;; UDP setup with ${formatIpv4(server)}#${s.port}(${named}) for ${name} failed: ${got}.\n;; no servers could be reached\n`;
          continue;
        }
        if (typeof got === "string") {
          said += `;; communications error to ${formatIpv4(server)}#${s.port}: ${got}\n`;
          continue;
        }
        if (got.answer.rcode === 3 && i < names.length - 1) break;
        if (s.short) {
          yield* p.out(said + got.answer.answers.map((record) => `${record.data}\n`).join(""));
          return 0;
        }
        let text = said + head + answerText(s, got.answer);
        if (s.shown.has("stats")) {
          const shownName = s.server === null ? formatIpv4(server) : named;
          text += `;; Query time: ${Math.floor((p.sim.now - began) / MSEC)} msec\n`;
          text += `;; SERVER: ${formatIpv4(server)}#${s.port}(${shownName}) (UDP)\n;; WHEN: ${when(p)}\n`;
          text += `;; MSG SIZE  rcvd: ${got.size}\n\n`;
        }
        yield* p.out(text);
        return 0;
      }
    if (i < names.length - 1) continue;
    const setUp = said.startsWith(";; UDP setup");
    yield* p.out(setUp ? said : `${said}${head};; no servers could be reached\n`);
    return 9;
  }
  return 9;
}

export const dig: Command = {
  name: "dig",
  summary: "DNS lookup utility",
  group: "network",
  man: `dig [@SERVER] [NAME] [TYPE] [-x ADDRESS] [-p PORT] [-b ADDRESS] [+OPTION...]

Ask a name server and show the whole answer.

  +short               only the data          +noall +answer   only the answer section
  +search              use the search list    +norecurse       ask for no recursion
  +time=N +tries=N     how long, how often    +noedns +nocookie

Example: dig +short @10.96.0.10 kubernetes.default.svc.cluster.local`,
  *run(p, argv) {
    const s = new Settings();
    const wrong = parse(s, argv);
    if (wrong !== null) {
      yield* p.err(wrong);
      return 1;
    }
    return yield* dig_(p, s, argv.slice(1));
  },
};
