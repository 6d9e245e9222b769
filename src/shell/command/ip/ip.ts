import type { Process, Run } from "../../../host/process.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import type { Command } from "../../command.ts";
import { jsonText } from "../../lib/json-writer.ts";
import { exec } from "../../spawn.ts";
import { ipAddress } from "./address.ts";
import { type IpContext, IpError, matches, netlinkMessage, Words } from "./context.ts";
import { haveLater, LATER_PART, laterObjects } from "./later.ts";
import { ipLink } from "./link.ts";
import { ipNetns } from "./netns.ts";
import { ipRoute } from "./route.ts";

/** In the order in which `ip` tries them: "ip r" is route, "ip n" is neigh (iproute2: ip/ip.c). */
const OBJECTS: readonly [string, (ctx: IpContext, words: Words) => void][] = [
  ["address", ipAddress],
  ["route", ipRoute],
  ["rule", (ctx, words) => laterObjects().rule(ctx, words)],
  ["neighbor", (ctx, words) => laterObjects().neigh(ctx, words)],
  ["neighbour", (ctx, words) => laterObjects().neigh(ctx, words)],
  ["link", ipLink],
  ["netns", ipNetns],
  // It lasts: `object` runs it.
  ["monitor", () => {}],
];

const USAGE = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |
                   link | macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}
`;

const MAN = `ip - show / manipulate routing, network devices, interfaces and tunnels

SYNOPSIS
  ip [-d] [-s] [-br] [-o] [-4] [-n NETNS] OBJECT COMMAND

OBJECTS
  link     add NAME type veth|bridge|dummy|geneve|vxlan …, set DEV up|down|mtu|name|netns|master, del, show
  address  add ADDR/LEN dev DEV, del, flush, show
  route    add|replace|append|del PREFIX [via ADDR] [dev DEV] [table ID] …, show, get ADDR
  rule     add|del [from P] [to P] [fwmark M/MASK] [iif D] priority N lookup T|goto N|blackhole, show
  neigh    add|del ADDR lladdr MAC dev DEV, show, flush
  netns    add|del|list NAME, exec NAME COMMAND
  monitor  [link|address|route|rule|neigh] [dev DEV]: what changes, as it does

EXAMPLES
  ip -br addr
  ip route get 10.4.3.20 mark 0x100
  ip rule add priority 101 fwmark 0x100/0x100 lookup 101
`;

function* run(p: Process, argv: string[]): Run {
  const ctx: IpContext = {
    p,
    ns: p.netns,
    details: false,
    statistics: 0,
    exited: false,
    brief: false,
    oneline: false,
    numeric: false,
    family: "any",
    json: false,
    pretty: false,
    list: null,
    out: "",
    err: "",
  };
  let force = false;
  const words = new Words(argv.slice(1));
  while (words.peek().startsWith("-")) {
    const word = words.next();
    const option = word.startsWith("--") ? word.slice(1) : word;
    if (option === "-4") ctx.family = "inet";
    else if (option === "-6") ctx.family = "inet6";
    else if (option === "-0") ctx.family = "link";
    else if (option === "-n" || (option.length > 2 && matches(option, "-netns"))) {
      const name = words.next();
      const ns = p.machine.kernel.named.get(name);
      if (!ns)
        return yield* fail(
          p,
          `Cannot open network namespace "${name}": No such file or directory\n`,
          255,
        );
      ctx.ns = ns;
    } else if (option === "-br" || (option.length > 2 && matches(option, "-brief")))
      ctx.brief = true;
    else if (option === "-b" || (option.length > 2 && matches(option, "-batch")))
      return yield* batch(ctx, words.next(), force);
    else if (option.length > 2 && matches(option, "-force")) force = true;
    else if (option === "-j" || (option.length > 2 && matches(option, "-json"))) ctx.json = true;
    else if (option === "-p" || (option.length > 2 && matches(option, "-pretty")))
      ctx.pretty = true;
    else if (matches(option, "-details")) ctx.details = true;
    else if (matches(option, "-statistics") || option === "-stats") ctx.statistics++;
    else if (matches(option, "-oneline")) ctx.oneline = true;
    else if (option === "-N" || matches(option, "-Numeric")) ctx.numeric = true;
    else if (
      option === "-c" ||
      /^-(c|color)=/.test(option) ||
      option === "-color" ||
      matches(option, "-resolve")
    )
      continue;
    else if (option === "-V" || option === "-Version") {
      yield* p.out("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
      return 0;
    } else if (matches(option, "-help")) return yield* fail(p, USAGE, 255);
    else if (matches(option, "-family") || option === "-f")
      ctx.family = words.next() === "inet6" ? "inet6" : "inet";
    else return yield* fail(p, `Option "${word}" is unknown, try "ip -help".\n`, 255);
  }
  if (words.done) return yield* fail(p, USAGE, 255);
  return yield* object(ctx, words);
}

function* fail(p: Process, text: string, status: number): Run {
  yield* p.err(text);
  return status;
}

function* object(ctx: IpContext, words: Words): Run {
  const name = words.next();
  const p = ctx.p;
  const found = OBJECTS.find(([full]) => matches(name, full));
  if (!found) {
    if (matches(name, "help")) return yield* fail(p, USAGE, 255);
    return yield* fail(p, `Object "${name}" is unknown, try "ip help".\n`, 1);
  }
  if (/^(rule|neigh|monitor)/.test(found[0]) && !haveLater())
    yield { on: [], until: Number.POSITIVE_INFINITY, part: LATER_PART };
  if (found[0] === "netns" && words.peek().length > 1 && matches(words.peek(), "exec")) {
    words.next();
    const target = words.next();
    if (target === "") return yield* fail(p, "No netns name specified\n", 1);
    const ns = p.machine.kernel.named.get(target);
    if (!ns)
      return yield* fail(
        p,
        `Cannot open network namespace "${target}": No such file or directory\n`,
        255,
      );
    const rest = words.list.slice(words.at);
    if (rest.length === 0) return yield* fail(p, "No command specified\n", 1);
    p.netns = ns;
    const status = yield* exec(p, rest);
    if (typeof status === "number") return status;
    return yield* fail(p, `exec of "${rest[0]}" failed: No such file or directory\n`, 1);
  }
  if (found[0] === "monitor") {
    try {
      return yield* laterObjects().monitor(p, ctx, words);
    } catch (error) {
      if (error instanceof IpError) return yield* fail(p, error.message, error.status);
      throw error;
    }
  }
  try {
    found[1](ctx, words);
    if (ctx.list) ctx.out += jsonText(ctx.list, ctx.pretty);
    ctx.list = null;
  } catch (error) {
    if (ctx.err) yield* p.err(ctx.err);
    if (ctx.out) yield* p.out(ctx.out);
    if (error instanceof NetlinkError) {
      // iproute2: ip/ipneigh.c exits, the others return.
      ctx.exited = found[0].startsWith("neigh");
      return yield* fail(p, netlinkMessage(error), 2);
    }
    if (error instanceof IpError) {
      ctx.exited = error.exits;
      return yield* fail(p, error.message, error.status);
    }
    throw error;
  }
  if (ctx.err) yield* p.err(ctx.err);
  if (ctx.out) yield* p.out(ctx.out);
  return 0;
}

/** `ip -batch FILE`: a command a line, stopping at the first that fails unless told to go on. */
function* batch(ctx: IpContext, name: string, force: boolean): Run {
  const p = ctx.p;
  let text: string;
  if (name === "-" || name === "") text = new TextDecoder().decode(yield* p.readAll(0));
  else {
    try {
      text = new TextDecoder().decode(p.machine.fs.readFile(p.path(name), p));
    } catch {
      return yield* fail(
        p,
        `Cannot open file "${name}" for reading: No such file or directory\n`,
        1,
      );
    }
  }
  const { family } = ctx;
  let number = 0;
  let worst = 0;
  for (const line of text.split("\n")) {
    number++;
    const list = line.replace(/#.*/, "").trim().split(/\s+/).filter(Boolean);
    if (list.length === 0) continue;
    ctx.out = "";
    ctx.err = "";
    ctx.family = family;
    const status = yield* object(ctx, new Words(list));
    if (ctx.exited) return status;
    if (status !== 0) {
      yield* p.err(`Command failed ${name || "-"}:${number}\n`);
      worst = 1;
      if (!force) break;
    }
  }
  return worst;
}

function complete(p: Process, words: string[]): string[] {
  const typed = words.slice(1).filter((word) => !word.startsWith("-"));
  if (typed.length <= 1) return OBJECTS.map(([name]) => name).concat("addr", "neigh");
  const previous = typed[typed.length - 2];
  if (previous === "dev" || previous === "iif" || previous === "oif" || previous === "master")
    return [...p.netns.byName.keys()];
  if (previous === "table" || previous === "lookup")
    return [...p.netns.fib.tables.keys()].map(String);
  const verbs: Record<string, string[]> = {
    a: ["add", "del", "show", "flush"],
    l: ["add", "del", "set", "show"],
    r: ["add", "del", "show", "get", "replace", "flush"],
    n: ["add", "del", "show", "list", "exec"],
  };
  if (typed.length === 2) return verbs[typed[0]?.[0] ?? ""] ?? [];
  return [...p.netns.byName.keys(), "dev", "via", "table", "priority", "fwmark", "lookup", "type"];
}

const ip: Command = {
  name: "ip",
  sbin: true,
  summary: "show / manipulate routing, network devices, interfaces and tunnels",
  man: MAN,
  run,
  complete,
};
export default ip;
