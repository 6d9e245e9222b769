import type { Dice } from "./dice.ts";
import { addressPart, matchPart, type Place, protocolPart } from "./matches.ts";
import type { SetName } from "./sets.ts";
import { target } from "./targets.ts";

const TABLES: Record<string, string[]> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
  security: ["INPUT", "FORWARD", "OUTPUT"],
};

/** How often a state has the table, in a hundred. */
const OFTEN: Record<string, number> = { raw: 40, mangle: 70, nat: 55, filter: 75, security: 10 };

/** What the tool or the kernel refuses: then nothing of the table is loaded. */
const MISTAKES = [
  "-A NOCHAIN -j ACCEPT",
  "-A OUTPUT -j NOTARGET",
  "-A OUTPUT --dport 80 -j ACCEPT",
  "-A OUTPUT -p tcp --dport 80:70 -j ACCEPT",
  "-A OUTPUT -p tcp --dport 99999 -j ACCEPT",
  "-A OUTPUT -s 10.0.0.300 -j ACCEPT",
  "-A OUTPUT -m nomatch -j ACCEPT",
  "-A OUTPUT -j MARK",
  "-A OUTPUT -i eth0 -j ACCEPT",
  "-A OUTPUT -m set --match-set nosuch src -j ACCEPT",
  "-A OUTPUT -p tcp -j TCPMSS --set-mss 100",
  "-A OUTPUT -p tcp -j TCPMSS --clamp-mss-to-pmtu",
  "-A OUTPUT -j SNAT --to-source 1.2.3.4",
  "-A OUTPUT -j TPROXY --on-port 80",
  "-A OUTPUT -j REJECT --reject-with tcp-reset",
  "-A OUTPUT -m ttl --ttl-eq 256 -j ACCEPT",
  "-A OUTPUT -m conntrack --ctstate NOSTATE -j ACCEPT",
  "-A OUTPUT -j DNAT --to-destination 1.2.3.4:80",
  "-A OUTPUT -m statistic --mode nth --every 0",
  "-A OUTPUT -m mac --mac-source 02:00:00:00:00:01 -j ACCEPT",
  "-A OUTPUT -m multiport --dports 80 -j ACCEPT",
  "-A OUTPUT -m rpfilter -j ACCEPT",
  ":OUTPUT NOPOLICY [0:0]",
  "-X OUTPUT",
  "-D OUTPUT -j LOG",
  "-D OUTPUT 77",
  "-N OUTPUT",
  "-E U7 U8",
  "-P OUTPUT RETURN",
];

/** All of a state's tables, as `iptables-restore` reads them. */
export function rules(dice: Dice, sets: SetName[]): string[] {
  return Object.entries(TABLES).flatMap(([name, bases]) =>
    dice.chance(OFTEN[name] as number) ? table(dice, name, bases, sets) : [],
  );
}

function table(dice: Dice, name: string, bases: string[], sets: SetName[]): string[] {
  const user = dice.times(dice.below(4), (i) => `U${i}`);
  // Who may come from where: a chain jumps only to later ones, so that there are no loops.
  const reach = new Map<string, string[]>(bases.map((base) => [base, [base]]));
  const jumps: [from: string, to: string][] = [];
  user.forEach((chain, i) => {
    const callers = dice.some([...bases, ...user.slice(0, i)], 1, 2);
    for (const caller of callers) jumps.push([caller, chain]);
    reach.set(chain, [...new Set(callers.flatMap((caller) => reach.get(caller) ?? []))]);
  });
  const lines = [
    `*${name}`,
    ...bases.map(
      (base) => `:${base} ${name === "filter" && dice.chance(8) ? "DROP" : "ACCEPT"} [0:0]`,
    ),
    ...user.map((chain) => `:${chain} - [0:0]`),
  ];
  for (const chain of [...bases, ...user]) {
    const place: Place = { table: name, hooks: reach.get(chain) ?? [], sets };
    const own = jumps
      .filter(([from]) => from === chain)
      .map(([, to]) => jump(dice, place, chain, to));
    const others = dice.times(dice.below(user.includes(chain) ? 5 : 4), () =>
      rule(dice, place, chain),
    );
    lines.push(...shuffled(dice, [...own, ...others.filter((line) => line !== null)]));
  }
  if (dice.chance(3)) lines.push(dice.pick(MISTAKES));
  lines.push("COMMIT");
  return lines;
}

function shuffled<T>(dice: Dice, list: T[]): T[] {
  const rest = [...list];
  return list.map(() => rest.splice(dice.below(rest.length), 1)[0] as T);
}

function jump(dice: Dice, place: Place, chain: string, to: string): string {
  const { text, protocol } = dice.chance(50) ? { text: "", protocol: "" } : protocolPart(dice);
  const more = dice.chance(40) ? addressPart(dice, place) + matchPart(dice, place, protocol) : "";
  return `-A ${chain}${text}${more} -${dice.chance(20) ? "g" : "j"} ${to}`;
}

function rule(dice: Dice, place: Place, chain: string): string | null {
  const does = dice.chance(6) ? { text: "" } : target(dice, place);
  if (!does) return null;
  let { text, protocol } = protocolPart(dice);
  const wanted = "protocols" in does ? does.protocols : undefined;
  if (wanted && !(wanted.includes(protocol) && !text.includes("!"))) {
    const chosen = dice.pick(wanted);
    [protocol = ""] = chosen.split(" ");
    text = ` -p ${chosen}`;
  }
  if (wanted?.[0] === "tcp --syn") text = " -p tcp -m tcp --syn";
  const matches = addressPart(dice, place) + matchPart(dice, place, protocol);
  return `-A ${chain}${text}${matches}${does.text ? ` -j ${does.text}` : ""}`;
}
