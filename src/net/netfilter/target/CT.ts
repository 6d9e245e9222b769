import { conntrackDisable, conntrackEnable } from "../../conntrack/core.ts";
import { type Conntrack, template } from "../../conntrack/entry.ts";
import { ZONE_BOTH, ZONE_MARK, ZONE_ORIGINAL, ZONE_REPLY } from "../../conntrack/zone.ts";
import { IP_CT_NEW, IP_CT_UNTRACKED } from "../../skb.ts";
import { defineTarget, XtRefused, XtUsageError } from "../extension.ts";
import { parseUnsigned } from "../number.ts";
import { value } from "../option.ts";

/** linux: include/uapi/linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_events, in the tool's order */
const EVENTS = [
  "new",
  "related",
  "destroy",
  "reply",
  "assured",
  "protoinfo",
  "helper",
  "mark",
  "natseqinfo",
  "secmark",
];

interface CtInfo {
  notrack: boolean;
  helper: string;
  timeout: string;
  events: string[];
  expectationEvents: string[];
  /** null: not said; "mark": the packet's mark is the zone. */
  zone: number | "mark" | null;
  zoneSide: "" | "-orig" | "-reply";
  /** The template of its packets: rules see it, and may mark it. */
  state: Conntrack | null;
}

function parseEvents(text: string, known: readonly string[]): string[] {
  const words = text.split(",");
  for (const word of words)
    if (!known.includes(word)) throw new XtUsageError(`Unknown event type "${word}"`);
  return known.filter((event) => words.includes(event));
}

/** The zone that its connections get (linux: xt_ct_tg_check, xt_ct_flags_to_dir). */
function zoneBits({ zone, zoneSide }: CtInfo): number {
  if (zone === null) return 0;
  const side = { "": ZONE_BOTH, "-orig": ZONE_ORIGINAL, "-reply": ZONE_REPLY }[zoneSide];
  return side | (zone === "mark" ? ZONE_MARK : zone);
}

function text(info: CtInfo, prefix: string): string {
  const put = (name: string, words: string): string => (words ? ` ${prefix}${name} ${words}` : "");
  return (
    (info.notrack ? ` ${prefix}notrack` : "") +
    put("helper", info.helper) +
    put("timeout", info.timeout) +
    put("ctevents", info.events.join(",")) +
    put("expevents", info.expectationEvents.join(",")) +
    (info.zone ? ` ${prefix}zone${info.zoneSide} ${info.zone}` : "")
  );
}

export default defineTarget<CtInfo>({
  name: "CT",
  linux: "net/netfilter/xt_CT.c",
  help:
    "CT target options:\n" +
    " --notrack                  no connection tracking for this packet\n" +
    " --ctevents event[,event]   which changes to report\n" +
    " --zone, --zone-orig, --zone-reply {ID|mark}\n" +
    " --helper name, --timeout name, --expevents event\n",
  tables: ["raw"],
  options: [
    { name: "notrack", args: 0, invert: false },
    ...["helper", "timeout", "ctevents", "expevents", "zone-orig", "zone-reply", "zone"].map(
      (name) => ({ name, args: 1, invert: false }) as const,
    ),
  ],
  parse(options) {
    const info: CtInfo = {
      notrack: false,
      helper: "",
      timeout: "",
      events: [],
      expectationEvents: [],
      zone: null,
      zoneSide: "",
      state: null,
    };
    for (const option of options)
      if (option.name === "notrack") info.notrack = true;
      else if (option.name === "helper" || option.name === "timeout")
        info[option.name] = value(option);
      else if (option.name === "ctevents") info.events = parseEvents(value(option), EVENTS);
      else if (option.name === "expevents")
        info.expectationEvents = parseEvents(value(option), ["new"]);
      else {
        const mark = value(option).toLowerCase() === "mark";
        const zone = mark ? "mark" : parseUnsigned(value(option), 65535);
        if (zone === null) throw new XtUsageError(`Cannot parse ${value(option)} as a zone ID`);
        info.zone = zone;
        info.zoneSide = option.name.slice("zone".length) as CtInfo["zoneSide"];
      }
    return info;
  },
  save: (info) => text(info, "--"),
  print: (info) => ` CT${text(info, "")}`,
  check(info) {
    if (info.helper) throw new XtRefused(`xt_CT: No such helper "${info.helper}"`);
    if (info.timeout) throw new XtRefused(`xt_CT: No such timeout policy "${info.timeout}"`);
  },
  fresh(info, ns) {
    if (!info.notrack) info.state = template(zoneBits(info), ns.sim.now);
  },
  // Who says only that a packet is not to be tracked needs no tracking.
  attach(info, ns) {
    if (!info.notrack) conntrackEnable(ns);
  },
  detach(info, ns) {
    if (!info.notrack) conntrackDisable(ns);
  },
  apply(info, skb) {
    // Seen before (through loopback), or an earlier rule was first.
    if (skb.ct || skb.ctinfo) return "CONTINUE";
    skb.template = info.state;
    skb.ctinfo = info.state ? IP_CT_NEW : IP_CT_UNTRACKED;
    return "CONTINUE";
  },
  examples: [
    ["-j CT --notrack", "-j CT --notrack"],
    ["-j CT --ctevents new,related,destroy", "-j CT --ctevents new,related,destroy"],
    ["-j CT --zone 1", "-j CT --zone 1"],
    ["-j CT --zone x", null],
  ],
});
