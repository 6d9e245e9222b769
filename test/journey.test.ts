import { describe, expect, it } from "vitest";
import { storyText } from "../src/journey/tell.ts";
import { makeWorld, runAt, watch } from "./scenario/kit.ts";

const SETUP = `
ip netns add b
ip link add v0 type veth peer name v1 netns b
ip link set v0 address 02:00:00:00:00:01; ip -n b link set v1 address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; ip -n b link set lo up
ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v0
ip -n b neigh add 10.0.0.1 lladdr 02:00:00:00:00:01 dev v1
iptables -t mangle -A OUTPUT -p udp -m udp --dport 7 -j MARK --set-mark 0x7
iptables -t nat -A OUTPUT -p udp -m mark --mark 0x7 -j DNAT --to-destination 10.0.0.2:9
ip rule add fwmark 7 lookup main pref 100
ip netns exec b iptables -A INPUT -p tcp -j ACCEPT
ip netns exec b iptables -A INPUT -p udp -j DROP
ip route add 10.5.0.0/16 via 10.0.0.2`;

/** Routed, marked, routed again, translated, routed again, sent, received, dropped. */
const STORY = `  linux
    born      sent by 10.0.0.1:4000 ↔ 10.5.0.1:7 of nc
    iprule    0: from all lookup local (no: no route in the table)
    iprule    100: from all fwmark 0x7 lookup main (no: fwmark)
    iprule    32766: from all lookup main
    route     table main: 10.5.0.0/16 via 10.0.0.2 dev v0
    hook      OUTPUT
    conntrack connection NEW
    rule      mangle OUTPUT rule 1: -A OUTPUT -p udp -m udp --dport 7 -j MARK --set-xmark 0x7/0xffffffff
    mark      mark 0x0 → 0x7
    policy    mangle OUTPUT: policy ACCEPT
    iprule    0: from all lookup local (no: no route in the table)
    iprule    100: from all fwmark 0x7 lookup main
    route     table main: 10.5.0.0/16 via 10.0.0.2 dev v0
    rule      nat OUTPUT rule 1: -A OUTPUT -p udp -m mark --mark 0x7 -j DNAT --to-destination 10.0.0.2:9
    nat       destination 10.5.0.1:7 → 10.0.0.2:9
    iprule    0: from all lookup local (no: no route in the table)
    iprule    100: from all fwmark 0x7 lookup main
    route     table main: 10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1
    hook      POSTROUTING
    policy    mangle POSTROUTING: policy ACCEPT
    policy    nat POSTROUTING: policy ACCEPT
    out       out by v0
  b on linux
    in        in by v1
    iprule    0: from all lookup local
    route     table local: local 10.0.0.2 dev v1 proto kernel scope host src 10.0.0.2
    hook      INPUT
    rule      filter INPUT rule 2: -A INPUT -p udp -j DROP  [1 passed over]
    drop      dropped: NETFILTER_DROP — a netfilter rule or policy said DROP
`;

describe("a packet's story", () => {
  const world = makeWorld("linux");
  runAt(world, "linux", SETUP);
  const { stories, reader } = watch(world, () =>
    runAt(world, "linux", "echo x | nc -u -w 1 -p 4000 10.5.0.1 7"),
  );
  const [story] = stories;

  it("tells every decision in its order, in the tools' words", () => {
    const [head = "", ...rest] = storyText(story as never).split("\n");
    expect(head).toMatch(
      /^packet \d+ {2}\d+\.\d{3} ms {2}UDP 10\.0\.0\.1:4000 → 10\.0\.0\.2:9 {2}2 bytes$/,
    );
    expect(rest.join("\n")).toBe(STORY);
  });

  it("ends with what became of the packet, and why", () => {
    expect([story?.end, story?.reason, story?.cause]).toEqual([
      "dropped",
      "NETFILTER_DROP",
      "socket",
    ]);
    expect(reader.journeys()[0]).toMatchObject({
      dropped: "NETFILTER_DROP",
      packets: [story?.skb],
    });
  });

  it("says of a rule that was passed over what in it did not fit", () => {
    const drop = story?.legs.at(-1)?.steps.find((step) => step.kind === "rule");
    expect(drop?.misses).toEqual([
      { rule: 1, text: "-A INPUT -p tcp -j ACCEPT", why: expect.any(String) },
    ]);
    expect(drop?.misses[0]?.why).toMatch(/proto|-p/);
  });

  /** What the command says that a drop names, typed where the packet died. */
  const shown = (netns: string, script: string): string => {
    const { stories } = watch(world, () => runAt(world, "linux", script));
    const died = stories.find(({ end }) => end === "dropped");
    const step = died?.legs.at(-1)?.steps.at(-1);
    const where = netns ? `ip netns exec ${netns} ` : "";
    return runAt(world, "linux", where + step?.facts.command).stdout;
  };

  it("names the command that shows the very rule, policy, setting or table that dropped it", () => {
    const send = "echo x | nc -u -w 1 -p 4000 10.5.0.1 7";
    const rule = shown("b", send);
    expect(rule.split("\n")).toHaveLength(2);
    expect(rule).toMatch(/DROP +(udp|17)/);
    runAt(
      world,
      "linux",
      "ip netns exec b iptables -F INPUT; ip netns exec b iptables -P INPUT DROP",
    );
    expect(shown("b", send)).toMatch(/^Chain INPUT \(policy DROP 1 packets/);
    runAt(
      world,
      "linux",
      "ip netns exec b sysctl -qw net.ipv4.conf.v1.rp_filter=1; ip -n b route add 10.0.0.1/32 dev lo",
    );
    expect(shown("b", send)).toBe(
      "net.ipv4.conf.all.rp_filter = 0\nnet.ipv4.conf.v1.rp_filter = 1\n",
    );
    expect(shown("", "ping -c 1 -W 9 10.0.0.9")).toMatch(/^10\.0\.0\.9 +FAILED/);
  });
});
