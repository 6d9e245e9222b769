import type { Process, Run } from "../../../host/process.ts";
import { Bridge } from "../../../net/device/bridge.ts";
import { NetlinkError } from "../../../net/netlink.ts";
import type { Command } from "../../command.ts";
import { jsonText } from "../../lib/json-writer.ts";
import { type IpContext, IpError, matches, netlinkMessage, Words } from "../ip/context.ts";
import { bridgeFdb } from "./fdb.ts";
import { bridgeLink } from "./link.ts";

const USAGE = `Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | vlan | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -c[ompressvlans] -color -p[retty] -j[son] }
`;

/** Without VLAN filtering each has the default one (iproute2: bridge/vlan.c). */
function bridgeVlan(ctx: IpContext, words: Words): void {
  const verb = words.done ? "show" : words.next();
  if (!matches(verb, "show") && verb !== "list" && verb !== "lst")
    throw new IpError(`Command "${verb}" is unknown, try "bridge vlan help".\n`, 255);
  ctx.out = "port              vlan-id  \n";
  for (const dev of ctx.ns.devices.values())
    if (dev instanceof Bridge || dev.master instanceof Bridge)
      ctx.out += `${dev.name.padEnd(16)}  1 PVID Egress Untagged\n`;
}

const OBJECTS: readonly [string, (ctx: IpContext, words: Words) => void][] = [
  ["link", bridgeLink],
  ["fdb", bridgeFdb],
  ["vlan", bridgeVlan],
];

function* fail(p: Process, text: string, status: number): Run {
  yield* p.err(text);
  return status;
}

function* run(p: Process, argv: string[]): Run {
  const ctx: IpContext = {
    p,
    ns: p.netns,
    details: false,
    statistics: 0,
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
  const words = new Words(argv.slice(1));
  while (words.peek().startsWith("-")) {
    const word = words.next();
    const option = word.startsWith("--") ? word.slice(1) : word;
    if (matches(option, "-help")) return yield* fail(p, USAGE, 255);
    if (option === "-V" || option === "-Version") {
      yield* p.out("bridge utility, 6.1.0\n");
      return 0;
    }
    if (matches(option, "-netns") || option === "-n") {
      const name = words.next();
      const ns = p.machine.kernel.named.get(name);
      if (!ns)
        return yield* fail(
          p,
          `Cannot open network namespace "${name}": No such file or directory\n`,
          1,
        );
      ctx.ns = ns;
    } else if (matches(option, "-details")) ctx.details = true;
    else if (matches(option, "-statistics") || option === "-stats") ctx.statistics++;
    else if (matches(option, "-oneline")) ctx.oneline = true;
    else if (matches(option, "-json")) ctx.json = true;
    else if (matches(option, "-pretty")) ctx.pretty = true;
    else if (!/^-(c|color|compressvlans|4|6|0|t|timestamp|f|force)/.test(option))
      return yield* fail(p, `Option "${word}" is unknown, try "bridge help".\n`, 255);
  }
  if (words.done) return yield* fail(p, USAGE, 255);
  const name = words.next();
  const object = OBJECTS.find(([full]) => matches(name, full));
  if (!object) {
    if (matches(name, "help")) return yield* fail(p, USAGE, 255);
    return yield* fail(p, `Object "${name}" is unknown, try "bridge help".\n`, 255);
  }
  try {
    object[1](ctx, words);
    if (ctx.list) ctx.out += jsonText(ctx.list, ctx.pretty);
  } catch (error) {
    if (ctx.out) yield* p.out(ctx.out);
    if (error instanceof NetlinkError) return yield* fail(p, netlinkMessage(error), 255);
    if (error instanceof IpError) return yield* fail(p, error.message, error.status);
    throw error;
  }
  if (ctx.out) yield* p.out(ctx.out);
  return 0;
}

export const bridge: Command = {
  name: "bridge",
  sbin: true,
  summary: "show / manipulate bridge addresses and devices",
  group: "network",
  man: `bridge - show / manipulate bridge addresses and devices

SYNOPSIS
  bridge [-d] [-s] [-n NETNS] link | fdb | vlan COMMAND

  link  show [dev DEV], set dev DEV learning|flood|bcast_flood|isolated|hairpin|… on|off, state N, cost N
  fdb   show [br BRIDGE] [dev DEV] [dynamic], get MAC br BRIDGE
        add|append|replace|del MAC dev DEV [master [static|dynamic]] [dst ADDR [port P] [vni N]]

EXAMPLES
  bridge link
  bridge fdb show br br0
  bridge fdb append 00:00:00:00:00:00 dev vxlan0 dst 192.0.2.2
`,
  run,
};
