import type { Dice } from "./dice.ts";
import { type Place, setsAt } from "./matches.ts";
import { ALL_HOSTS, hostsOf, MARKS, MASKED, OWN, SERVICES } from "./plan.ts";

/** A rule's target; `protocol` is what some need in the rule. */
export interface Target {
  text: string;
  /** One of these protocols must be asked for. */
  protocols?: string[];
}

type Make = (dice: Dice, place: Place) => Target | null;
const only =
  (hooks: string[], make: Make): Make =>
  (dice, place) =>
    place.hooks.every((hook) => hooks.includes(hook)) ? make(dice, place) : null;

const plain =
  (text: (dice: Dice) => string): Make =>
  (dice) => ({ text: text(dice) });

const MARK = plain(
  (dice) =>
    `MARK ${dice.pick(["--set-mark", "--set-xmark", "--set-mark"])} ${dice.pick([...MARKS, ...MASKED])}`,
);
const MARK_BITS = plain(
  (dice) =>
    `MARK --${dice.pick(["or-mark", "and-mark", "xor-mark"])} ${dice.pick(["0x1", "0x10", "0xff", "0xfffffffe"])}`,
);
const CONNMARK = plain((dice) =>
  dice.weighted({
    "CONNMARK --save-mark": 4,
    "CONNMARK --restore-mark": 4,
    "CONNMARK --set-mark 0x2": 2,
    "CONNMARK --set-xmark 0x10/0xf0": 1,
    "CONNMARK --save-mark --nfmask 0xff --ctmask 0xf": 1,
    "CONNMARK --restore-mark --mask 0xf": 1,
    "CONNMARK --or-mark 0x1": 1,
  }),
);
const SET: Make = (dice, place) => {
  const usable = setsAt(place).filter((set) => set.type !== "hash:mac" && set.type !== "list:set");
  if (!usable.length) return null;
  const set = dice.pick(usable);
  const flags = dice.times(set.dimensions, () => dice.pick(["src", "dst"])).join(",");
  return {
    text: `SET --${dice.pick(["add-set", "add-set", "del-set"])} ${set.name} ${flags}${dice.chance(20) ? " --exist" : ""}`,
  };
};
const REJECT = plain(
  (dice) =>
    `REJECT --reject-with ${dice.pick(["icmp-port-unreachable", "icmp-net-unreachable", "icmp-host-unreachable", "icmp-proto-unreachable", "icmp-net-prohibited", "icmp-host-prohibited", "icmp-admin-prohibited"])}`,
);
const RESET: Make = () => ({ text: "REJECT --reject-with tcp-reset", protocols: ["tcp"] });
const TCPMSS: Make = (dice) => ({
  text: `TCPMSS ${dice.pick(["--clamp-mss-to-pmtu", "--set-mss 1000", "--set-mss 536"])}`,
  protocols: ["tcp --syn"],
});
const TOS = plain(
  (dice) =>
    `TOS ${dice.pick(["--set-tos 0x10", "--set-tos 0x08/0x1c", "--or-tos 0x04", "--xor-tos 0xff", "--and-tos 0xe0"])}`,
);
const TTL = plain(
  (dice) =>
    `TTL ${dice.pick(["--ttl-set 1", "--ttl-set 64", "--ttl-dec 1", "--ttl-inc 1", "--ttl-dec 63", "--ttl-inc 200"])}`,
);
const DSCP = plain((dice) => `DSCP --set-dscp ${dice.pick(["0x00", "0x04", "0x2e"])}`);
const TEE = plain((dice) => `TEE --gateway ${dice.pick(hostsOf(dice.below(3)))}`);
const CLASSIFY = plain(() => "CLASSIFY --set-class 1:2");
const NFLOG = plain(() => "NFLOG --nflog-group 3");
const NFQUEUE = plain((dice) => `NFQUEUE --queue-num 0${dice.chance(50) ? " --queue-bypass" : ""}`);
const LOG = plain((dice) => `LOG --log-prefix "a b" --log-level ${dice.pick(["4", "debug"])}`);
const NOTRACK = plain((dice) => dice.pick(["CT --notrack", "NOTRACK"]));
const CT_ZONE = plain((dice) => `CT --zone ${dice.pick([1, 2])}`);

function ports(dice: Dice): { text: string; protocols?: string[] } {
  if (dice.chance(55)) return { text: "" };
  return {
    text: `:${dice.pick([String(dice.pick(SERVICES)), String(dice.pick(SERVICES)), "3000-3003"])}`,
    protocols: ["tcp", "udp"],
  };
}

const DNAT: Make = (dice) => {
  const { text, protocols } = ports(dice);
  const to = dice.chance(85)
    ? dice.pick([...ALL_HOSTS, ...OWN])
    : dice.pick(["10.1.0.2-10.1.0.4", "10.2.0.2-10.2.0.3"]);
  return {
    text: `DNAT --to-destination ${to}${text}${dice.chance(10) ? " --persistent" : ""}`,
    ...(protocols && { protocols }),
  };
};
const SNAT: Make = (dice) => {
  // A port of several is chosen at random.
  const port = dice.chance(25)
    ? { text: `:${dice.pick([4000, 4001])}`, protocols: ["tcp", "udp"] }
    : { text: "" };
  const to = dice.chance(85)
    ? dice.pick([...OWN, "10.1.0.200", "10.2.0.200", "10.2.0.201"])
    : dice.pick(["10.1.0.200-10.1.0.201", "10.0.0.1-10.0.0.4"]);
  return {
    text: `SNAT --to-source ${to}${port.text}${dice.chance(10) ? " --persistent" : ""}`,
    ...("protocols" in port && { protocols: port.protocols }),
  };
};
const MASQUERADE: Make = () => ({ text: "MASQUERADE" });
const REDIRECT: Make = (dice) =>
  dice.chance(50)
    ? { text: "REDIRECT" }
    : {
        text: `REDIRECT --to-ports ${dice.pick([String(dice.pick(SERVICES)), "3000-3003"])}`,
        protocols: ["tcp", "udp"],
      };
const NETMAP = plain(
  (dice) =>
    `NETMAP --to ${dice.pick(["10.1.0.0/24", "192.168.1.0/24", "10.2.0.0/30", "10.2.0.2/32"])}`,
);
const TPROXY: Make = (dice) => ({
  text: `TPROXY --on-port ${dice.pick(SERVICES)}${dice.chance(30) ? " --on-ip 10.0.0.1" : ""}${dice.chance(70) ? ` --tproxy-mark ${dice.pick(MASKED)}` : ""}`,
  protocols: ["tcp", "udp"],
});

const ANYWHERE: [number, Make][] = [
  [4, plain(() => "ACCEPT")],
  [2, plain(() => "DROP")],
  [3, plain(() => "RETURN")],
  [2, MARK],
  [1, NFLOG],
  [1, LOG],
  [1, SET],
  [1, CONNMARK],
];

const BY_TABLE: Record<string, [number, Make][]> = {
  raw: [
    [5, only(["PREROUTING", "OUTPUT"], NOTRACK)],
    [2, only(["PREROUTING", "OUTPUT"], CT_ZONE)],
    [4, MARK],
    [1, TTL],
    [1, TOS],
  ],
  mangle: [
    [8, MARK],
    [4, MARK_BITS],
    [6, CONNMARK],
    [3, TOS],
    [3, TTL],
    [3, DSCP],
    [2, TCPMSS],
    [1, TEE],
    [1, CLASSIFY],
    [1, NFQUEUE],
    [1, SET],
    [2, only(["PREROUTING"], TPROXY)],
  ],
  nat: [
    [8, only(["PREROUTING", "OUTPUT"], DNAT)],
    [3, only(["PREROUTING", "OUTPUT"], REDIRECT)],
    [8, only(["POSTROUTING", "INPUT"], SNAT)],
    [4, only(["POSTROUTING"], MASQUERADE)],
    [2, NETMAP],
  ],
  filter: [
    [1, NFQUEUE],
    [5, only(["INPUT", "FORWARD", "OUTPUT"], REJECT)],
    [2, only(["INPUT", "FORWARD", "OUTPUT"], RESET)],
    [1, TCPMSS],
    [1, TEE],
  ],
  security: [],
};

/** What a rule does; null when the dice fell on something that cannot stand there. */
export function target(dice: Dice, place: Place): Target | null {
  const choices = [...ANYWHERE, ...(BY_TABLE[place.table] ?? [])];
  let left = dice.below(choices.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, make] of choices) {
    left -= weight;
    if (left < 0) return make(dice, place);
  }
  return null;
}
