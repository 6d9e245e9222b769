import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes } from "../../src/base/text.ts";
import type { PacketStory } from "../../src/journey/story.ts";
import { worldNames } from "../../src/lab/compile/library.ts";
import { lessonSlugs } from "../../src/lab/lessons.ts";
import { pcapHeader, pcapRecord } from "../../src/wire/pcap.ts";
import { PacketPrinter, PLAIN } from "../../src/wire/print.ts";
import type { World } from "../../src/world/world.ts";
import { devices, makeWorld, readPcapng, runAt, watch } from "./kit.ts";
import { counters, isIpv4, passages, tally } from "./rules.ts";

const lessons = join(import.meta.dirname, "../../lessons");

/**
 * The names in the recording below -> ours. The CNI names the pods' veths, so only those of the
 * ztunnels, which the article shows, are the same.
 */
const NAMES: Record<string, string> = {
  "node-a": "nodea",
  "node-b": "nodeb",
  "sleep-5644bdc767-2dfg7": "sleep",
  "productpage-v1-5586c4d4ff-qxz9f": "productpage",
  "ztunnel-rts54": "za",
  "ztunnel-z4qmh": "zb",
};

/**
 * The devices that each packet crossed on Linux 6.1, as tcpdump saw them in six namespaces that
 * were set up by hand as istio-cni's 2022 preview would: two nodes, two pods, two ztunnels.
 */
const RECORDED = {
  "the client's SYN and request": [
    "sleep eth0 Out",
    "nodea vethsleep In",
    "nodea istioout Out",
    "nodea veth52b75946 Out",
    "za eth0 In",
    "za pistioout In",
  ],
  "the SYN-ACK that the client gets": [
    "za pistioout Out",
    "za eth0 Out",
    "nodea veth52b75946 In",
    "nodea istioout In",
    "nodea vethsleep Out",
    "sleep eth0 In",
  ],
  "the tunnel, there": [
    "za eth0 Out",
    "nodea veth52b75946 In",
    "nodea eth0 Out",
    "nodeb eth0 In",
    "nodeb istioin Out",
    "nodeb veth28865c45 Out",
    "zb eth0 In",
    "zb pistioin In",
  ],
  "the tunnel, back": [
    "zb pistioin Out",
    "zb eth0 Out",
    "nodeb veth28865c45 In",
    "nodeb istioin In",
    "nodeb eth0 Out",
    "nodea eth0 In",
    "nodea veth52b75946 Out",
    "za eth0 In",
  ],
  "the last hop, there": [
    "zb eth0 Out",
    "nodeb veth28865c45 In",
    "nodeb vethproduct Out",
    "productpage eth0 In",
  ],
  "the last hop, back": [
    "productpage eth0 Out",
    "nodeb vethproduct In",
    "nodeb veth28865c45 Out",
    "zb eth0 In",
  ],
};

/** Rules of the mangle table that no packet of one request matched in that recording. */
const AT_ZERO: Record<string, string[]> = {
  "node-a": [
    "-A ztunnel-FORWARD -m mark --mark 0x210/0x210 -j CONNMARK --save-mark --nfmask 0x210 --ctmask 0x210",
    "-A ztunnel-INPUT -m mark --mark 0x220/0x220 -j CONNMARK --save-mark --nfmask 0x220 --ctmask 0x220",
    "-A ztunnel-INPUT -m mark --mark 0x210/0x210 -j CONNMARK --save-mark --nfmask 0x210 --ctmask 0x210",
    "-A ztunnel-PREROUTING -i istioin -j MARK --set-xmark 0x200/0x200",
    "-A ztunnel-PREROUTING -i istioin -j RETURN",
    "-A ztunnel-PREROUTING ! -i veth52b75946 -m connmark --mark 0x210/0x210 -j MARK --set-xmark 0x40/0x40",
    "-A ztunnel-PREROUTING -m mark --mark 0x40/0x40 -j RETURN",
    "-A ztunnel-PREROUTING ! -s 10.4.4.18/32 -i veth52b75946 -j MARK --set-xmark 0x210/0x210",
    "-A ztunnel-PREROUTING -p udp -j MARK --set-xmark 0x220/0x220",
  ],
  "node-b": [
    "-A ztunnel-FORWARD -m mark --mark 0x220/0x220 -j CONNMARK --save-mark --nfmask 0x220 --ctmask 0x220",
    "-A ztunnel-INPUT -m mark --mark 0x220/0x220 -j CONNMARK --save-mark --nfmask 0x220 --ctmask 0x220",
    "-A ztunnel-INPUT -m mark --mark 0x210/0x210 -j CONNMARK --save-mark --nfmask 0x210 --ctmask 0x210",
    "-A ztunnel-PREROUTING -i istioout -j MARK --set-xmark 0x200/0x200",
    "-A ztunnel-PREROUTING -i istioout -j RETURN",
    "-A ztunnel-PREROUTING -m connmark --mark 0x220/0x220 -j MARK --set-xmark 0x200/0x200",
    "-A ztunnel-PREROUTING -i veth28865c45 -j MARK --set-xmark 0x220/0x220",
    "-A ztunnel-PREROUTING -p udp -j MARK --set-xmark 0x220/0x220",
    "-A ztunnel-PREROUTING -p tcp -m set --match-set ztunnel-pods-ips src -j MARK --set-xmark 0x100/0x100",
  ],
  "ztunnel-rts54": [
    "-A PREROUTING -i pistioin -p tcp -m tcp --dport 15008 -j TPROXY --on-port 15008 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
    "-A PREROUTING -i pistioin -p tcp -j TPROXY --on-port 15006 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
    "-A PREROUTING ! -d 10.4.4.18/32 -i eth0 -p tcp -j MARK --set-xmark 0x4d3/0xfff",
  ],
};

/**
 * `-m mark --mark 0x200/0x200 -j RETURN` stands three times in ztunnel-PREROUTING: which of them
 * were at zero, by their place among the three.
 */
const RETURNS_AT_ZERO: Record<string, boolean[]> = {
  "node-a": [false, true, false],
  "node-b": [true, false, true],
};
const RETURN_200 = "-A ztunnel-PREROUTING -m mark --mark 0x200/0x200 -j RETURN";

/** Names of a world's veths that the CNI chose, as the recording calls them. */
function names(world: World): Record<string, string> {
  const made = { ...NAMES };
  const route = (node: string, ip: string) =>
    /dev (\S+)/.exec(runAt(world, node, `ip route show ${ip}`).stdout)?.[1] ?? "";
  made[route("node-a", "10.4.4.19")] = "vethsleep";
  made[route("node-b", "10.4.3.20")] = "vethproduct";
  return made;
}

const TSHARK_FIELDS = [
  "frame.interface_name",
  "frame.packet_flags_direction",
  "frame.comment",
  "_ws.malformed",
  "_ws.expert.severity",
  "ip.checksum.status",
  "tcp.checksum.status",
  "udp.checksum.status",
];

/** The stories of packets from `src` to `dst` ("address:port", port or not) that are `what`. */
function find(stories: PacketStory[], src: string, dst: string, what: RegExp): PacketStory[] {
  const fits = (end: string, ip: string, port: number) => `${ip}:${port}`.startsWith(end);
  return stories.filter(
    ({ head, what: is }) =>
      head.protocol === "TCP" &&
      fits(src, head.src, head.srcPort) &&
      fits(dst, head.dst, head.dstPort) &&
      what.test(is),
  );
}

const SYN = /^SYN$/;
const SYN_ACK = /^SYN,ACK$/;
const DATA = /\d bytes/;

describe("one request through the ambient data path of 2022", () => {
  let world: World;
  let called: Record<string, string>;
  let request: ReturnType<typeof watch<{ status: number; stdout: string; stderr: string }>>;

  beforeAll(() => {
    world = makeWorld("ambient-2022");
    called = names(world);
    request = watch(world, () => runAt(world, "sleep", "curl -s productpage:9080/"));
  });

  it("curl prints the page and exits 0", () => {
    const { status, stdout, stderr } = request.result;
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^<!DOCTYPE html>[\s\S]*Simple Bookstore App[\s\S]*<\/html>\n?$/);
  });

  const legs: [keyof typeof RECORDED, string, string, RegExp][] = [
    ["the client's SYN and request", "10.4.4.19:", "10.8.14.226:9080", SYN],
    ["the client's SYN and request", "10.4.4.19:", "10.8.14.226:9080", DATA],
    ["the SYN-ACK that the client gets", "10.8.14.226:9080", "10.4.4.19:", SYN_ACK],
    ["the tunnel, there", "10.4.4.18:", "10.4.3.20:15008", SYN],
    ["the tunnel, there", "10.4.4.18:", "10.4.3.20:15008", DATA],
    ["the tunnel, back", "10.4.3.20:15008", "10.4.4.18:", SYN_ACK],
    ["the tunnel, back", "10.4.3.20:15008", "10.4.4.18:", DATA],
    ["the last hop, there", "10.4.4.18:", "10.4.3.20:9080", SYN],
    ["the last hop, there", "10.4.4.18:", "10.4.3.20:9080", DATA],
    ["the last hop, back", "10.4.3.20:9080", "10.4.4.18:", SYN_ACK],
  ];
  it.each(legs)("%s: %s → %s crosses the recorded devices in order (%s)", (leg, src, dst, what) => {
    const found = find(request.stories, src, dst, what);
    expect(found.length).toBeGreaterThan(0);
    for (const story of found) {
      expect(devices(story, called)).toEqual(RECORDED[leg]);
      expect(story.end).toBe("delivered");
    }
  });

  it("is one journey, from the client's SYN to the server's answer", () => {
    const [syn] = find(request.stories, "10.4.4.19:", "10.8.14.226:9080", SYN);
    const journey = request.reader.journeys().find((j) => j.packets.includes(syn?.skb ?? 0));
    const [last] = find(request.stories, "10.4.3.20:9080", "10.4.4.18:", SYN_ACK);
    const [tunnel] = find(request.stories, "10.4.4.18:", "10.4.3.20:15008", SYN);
    expect(journey?.packets).toContain(last?.skb);
    expect(journey?.packets).toContain(tunnel?.skb);
  });

  it("every captured packet has its device, its direction, and what was decided about it", () => {
    expect(request.files.map((file) => file.name).sort()).toEqual([
      "kube-dns-7d44cdb5d5-lx8rp",
      ...Object.keys(NAMES).sort(),
    ]);
    const silent: string[] = [];
    for (const file of request.files) {
      const frames = readPcapng(file.data);
      expect(frames.length).toBe(file.packets);
      for (const [i, frame] of frames.entries()) {
        expect(frame.device).toMatch(/^(eth0|veth|p?istio)/);
        expect(frame.direction).not.toBe("");
        // A question who has an address that this machine asks itself is nobody's decision.
        if (!frame.comment && isIpv4(frame))
          silent.push(`${file.name} ${i + 1} ${frame.device} ${frame.direction}`);
      }
    }
    expect(silent).toEqual([]);
  });

  const tshark = spawnSync("tshark", ["--version"]).status === 0;
  it.skipIf(!tshark)(
    "tshark finds no malformed packet and no bad checksum",
    () => {
      const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
      try {
        // Sections of a pcapng may follow one another: one start of tshark for all namespaces.
        const path = join(dir, "all.pcapng");
        writeFileSync(path, concatBytes(request.files.map((file) => file.data)));
        const verify = ["ip", "tcp", "udp"].flatMap((p) => ["-o", `${p}.check_checksum:TRUE`]);
        const ran = spawnSync(
          "tshark",
          ["-r", path, ...verify, "-T", "fields", ...TSHARK_FIELDS.flatMap((f) => ["-e", f])],
          { encoding: "utf8" },
        );
        expect(ran.status, ran.stderr).toBe(0);
        const lines = ran.stdout.split("\n").filter(Boolean);
        expect(lines.length).toBe(request.files.reduce((sum, file) => sum + file.packets, 0));
        let verified = 0;
        for (const line of lines) {
          const [name, direction, comment, malformed, severity, ...sums] = line.split("\t");
          expect(name).toMatch(/^(eth0|veth|p?istio)/);
          expect(direction).toMatch(/^0x0000000[12]$/);
          expect(comment).not.toBe("");
          expect(malformed).toBe("");
          // 8388608 is what Wireshark paints red.
          expect(severity).not.toContain("8388608");
          const states = sums.join().split(",").filter(Boolean);
          // 0 bad, 1 good, 2 unverified, 3 not present (a tunnel's outer UDP).
          expect(states.filter((state) => state === "0" || state === "2")).toEqual([]);
          verified += states.filter((state) => state === "1").length;
        }
        expect(verified).toBeGreaterThan(lines.length);
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
    120_000,
  );
  const tool = "tcpdump";
  const tcpdump = spawnSync(tool, ["--version"]).status === 0;
  it.skipIf(!tcpdump).each([
    ["-nn", { ...PLAIN }],
    ["-nne", { ...PLAIN, link: true }],
    ["-nnv", { ...PLAIN, verbose: 1 }],
  ])("every frame is printed as the real tcpdump -t %s prints it", (flags, options) => {
    const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
    try {
      for (const file of request.files) {
        const frames = readPcapng(file.data).map(({ data }) => data);
        const records = frames.map((data, i) => pcapRecord({ time: i, data, length: data.length }));
        writeFileSync(join(dir, "x"), concatBytes([pcapHeader(1, 262144), ...records]));
        const real = spawnSync(tool, ["-r", join(dir, "x"), "-t", flags], {
          encoding: "utf8",
        });
        const printer = new PacketPrinter(options);
        const ours = frames.map((data) => `${printer.frame(data, data.length)}\n`).join("");
        expect(ours, file.name).toBe(real.stdout);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  if (!tshark) console.warn("ambient-2022: no tshark here, the captures were not dissected");
});

describe("the counters after one request", () => {
  const machines = ["node-a", "node-b", "ztunnel-rts54", "ztunnel-z4qmh"];
  let world: World;
  let seen: ReturnType<typeof watch<{ status: number }>>;
  const saved = new Map<string, string>();

  beforeAll(() => {
    world = makeWorld("ambient-2022");
    // No request before it: a second one would go through the tunnel of the first.
    for (const at of machines) runAt(world, at, "iptables -t mangle -Z");
    seen = watch(world, () => runAt(world, "sleep", "curl -s http://10.8.14.226:9080/"));
    for (const at of machines) saved.set(at, runAt(world, at, "iptables-save -c -t mangle").stdout);
  });

  it.each(Object.keys(AT_ZERO))("%s: what no packet matched on Linux, none matches here", (at) => {
    const counted = [...counters(saved.get(at) ?? "")];
    const [rules, packets] = [
      counted.map(([name]) => name.replace(/^\d+ /, "")),
      counted.map(([, tally]) => tally.packets),
    ];
    for (const rule of AT_ZERO[at] ?? []) {
      expect(rules).toContain(rule);
      expect([rule, packets[rules.indexOf(rule)]]).toEqual([rule, 0]);
    }
    const returns = packets.filter((_, i) => rules[i] === RETURN_200).map((n) => n === 0);
    expect(returns).toEqual(RETURNS_AT_ZERO[at] ?? []);
    // And what Linux counted, is counted.
    const silent = rules.filter(
      (rule, i) =>
        packets[i] === 0 &&
        rule !== RETURN_200 &&
        !/169\.254|-j LOG/.test(rule) &&
        !(AT_ZERO[at] ?? []).includes(rule),
    );
    expect(silent).toEqual([]);
  });

  it.each(machines)("%s: every rule counts exactly the captured packets that match it", (at) => {
    const file = seen.files.find((f) => f.name === world.machine(at)?.name);
    const frames = readPcapng(file?.data ?? new Uint8Array());
    const through = passages(seen.stories, file?.name ?? "", frames);
    expect(through.length).toBeGreaterThan(20);
    const sets = {
      "ztunnel-pods-ips": runAt(world, at, "ipset list ztunnel-pods-ips | grep -oE '^[0-9.]+'")
        .stdout.trim()
        .split("\n"),
    };
    const save = (saved.get(at) ?? "").replaceAll(/^.*-s 169\.254\.169\.254.*\n/gm, "");
    expect(counters(save)).toEqual(tally(save, through, sets));
  });

  it("a frame captured going out or coming in passed the hooks that Linux has there", () => {
    for (const at of ["node-a", "node-b"]) {
      const file = seen.files.find((f) => f.name === at);
      const frames = readPcapng(file?.data ?? new Uint8Array()).filter(isIpv4);
      const through = passages(seen.stories, at, readPcapng(file?.data ?? new Uint8Array()));
      const count = (hook: string) => through.filter((p) => p.hook === hook).length;
      expect(count("PREROUTING")).toBe(frames.filter((f) => f.direction === "in").length);
      expect(count("POSTROUTING")).toBe(frames.filter((f) => f.direction === "out").length);
    }
  });
});

/** What may differ from machine to machine in what `ip` prints. */
function normal(text: string): string {
  return text
    .replace(/^\d+: /gm, "N: ")
    .replace(/@if\d+:/g, "@ifN:")
    .replace(/^( +link\/ether) (\S+)/gm, "$1 MAC");
}

describe("what the article's commands print", () => {
  let world: World;
  beforeAll(() => {
    world = makeWorld("ambient-2022");
  });
  const print = (at: string, command: string) => {
    const { status, stdout, stderr } = runAt(world, at, command);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return stdout;
  };

  it("iptables-save on node A has the article's rules, in their order", () => {
    const mangle = print("node-a", "iptables-save -t mangle").split("\n");
    const own = mangle.filter((line) => /^-A/.test(line));
    expect(own).toEqual([
      "-A PREROUTING -j ztunnel-PREROUTING",
      "-A INPUT -j ztunnel-INPUT",
      "-A FORWARD -j ztunnel-FORWARD",
      "-A OUTPUT -j ztunnel-OUTPUT",
      "-A OUTPUT -s 169.254.169.254/32 -j DROP",
      "-A POSTROUTING -j ztunnel-POSTROUTING",
      "-A ztunnel-FORWARD -m mark --mark 0x220/0x220 -j CONNMARK --save-mark --nfmask 0x220 --ctmask 0x220",
      "-A ztunnel-FORWARD -m mark --mark 0x210/0x210 -j CONNMARK --save-mark --nfmask 0x210 --ctmask 0x210",
      "-A ztunnel-INPUT -m mark --mark 0x220/0x220 -j CONNMARK --save-mark --nfmask 0x220 --ctmask 0x220",
      "-A ztunnel-INPUT -m mark --mark 0x210/0x210 -j CONNMARK --save-mark --nfmask 0x210 --ctmask 0x210",
      "-A ztunnel-OUTPUT -s 10.4.4.1/32 -j MARK --set-xmark 0x220/0xffffffff",
      "-A ztunnel-PREROUTING -i istioin -j MARK --set-xmark 0x200/0x200",
      "-A ztunnel-PREROUTING -i istioin -j RETURN",
      "-A ztunnel-PREROUTING -i istioout -j MARK --set-xmark 0x200/0x200",
      "-A ztunnel-PREROUTING -i istioout -j RETURN",
      "-A ztunnel-PREROUTING -p udp -m udp --dport 6081 -j RETURN",
      "-A ztunnel-PREROUTING -m connmark --mark 0x220/0x220 -j MARK --set-xmark 0x200/0x200",
      "-A ztunnel-PREROUTING -m mark --mark 0x200/0x200 -j RETURN",
      "-A ztunnel-PREROUTING ! -i veth52b75946 -m connmark --mark 0x210/0x210 -j MARK --set-xmark 0x40/0x40",
      "-A ztunnel-PREROUTING -m mark --mark 0x40/0x40 -j RETURN",
      "-A ztunnel-PREROUTING ! -s 10.4.4.18/32 -i veth52b75946 -j MARK --set-xmark 0x210/0x210",
      "-A ztunnel-PREROUTING -m mark --mark 0x200/0x200 -j RETURN",
      "-A ztunnel-PREROUTING -i veth52b75946 -j MARK --set-xmark 0x220/0x220",
      "-A ztunnel-PREROUTING -p udp -j MARK --set-xmark 0x220/0x220",
      "-A ztunnel-PREROUTING -m mark --mark 0x200/0x200 -j RETURN",
      "-A ztunnel-PREROUTING -p tcp -m set --match-set ztunnel-pods-ips src -j MARK --set-xmark 0x100/0x100",
    ]);
    // As Linux prints them: head, policies with counters, chains without, an end.
    expect(mangle[0]).toMatch(
      /^# Generated by iptables-save v1\.8\.9 on \w{3} \w{3} .\d \d\d:\d\d:\d\d \d{4}$/,
    );
    expect(mangle.slice(1, 12).map((line) => line.replace(/\[\d+:\d+\]/, "[N:N]"))).toEqual([
      "*mangle",
      ":PREROUTING ACCEPT [N:N]",
      ":INPUT ACCEPT [N:N]",
      ":FORWARD ACCEPT [N:N]",
      ":OUTPUT ACCEPT [N:N]",
      ":POSTROUTING ACCEPT [N:N]",
      ":ztunnel-FORWARD - [N:N]",
      ":ztunnel-INPUT - [N:N]",
      ":ztunnel-OUTPUT - [N:N]",
      ":ztunnel-POSTROUTING - [N:N]",
      ":ztunnel-PREROUTING - [N:N]",
    ]);
    const nat = print("node-a", "iptables-save -t nat");
    for (const line of [
      "-A PREROUTING -j ztunnel-PREROUTING",
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      "-A ztunnel-POSTROUTING -m mark --mark 0x100/0x100 -j ACCEPT",
      "-A ztunnel-PREROUTING -m mark --mark 0x100/0x100 -j ACCEPT",
    ])
      expect(nat.split("\n")).toContain(line);
  });

  it("iptables-save in ztunnel A has the article's TPROXY rules", () => {
    const rules = print("ztunnel-rts54", "iptables-save -t mangle").split("\n");
    expect(rules.filter((line) => /-A PREROUTING/.test(line))).toEqual([
      '-A PREROUTING -j LOG --log-prefix "mangle pre [ ztunnel-rts54] "',
      "-A PREROUTING -i pistioin -p tcp -m tcp --dport 15008 -j TPROXY --on-port 15008 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
      "-A PREROUTING -i pistioout -p tcp -j TPROXY --on-port 15001 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
      "-A PREROUTING -i pistioin -p tcp -j TPROXY --on-port 15006 --on-ip 127.0.0.1 --tproxy-mark 0x400/0xfff",
      "-A PREROUTING ! -d 10.4.4.18/32 -i eth0 -p tcp -j MARK --set-xmark 0x4d3/0xfff",
    ]);
  });

  it.each(["node-a", "node-b"])("ip rule on %s", (at) => {
    expect(print(at, "ip rule")).toBe(`0:	from all lookup local
100:	from all fwmark 0x200/0x200 goto 32766
101:	from all fwmark 0x100/0x100 lookup 101
102:	from all fwmark 0x40/0x40 lookup 102
103:	from all lookup 100
32766:	from all lookup main
32767:	from all lookup default
`);
  });

  it("ip rule in the ztunnel", () => {
    expect(print("ztunnel-rts54", "ip rule")).toBe(`0:	from all lookup local
20000:	from all fwmark 0x400/0xfff lookup 100
20001:	from all fwmark 0x401/0xfff lookup 101
20002:	from all fwmark 0x402/0xfff lookup 102
20003:	from all fwmark 0x4d3/0xfff lookup 100
32766:	from all lookup main
32767:	from all lookup default
`);
    expect(print("ztunnel-rts54", "ip route show table 100")).toBe(
      "local default dev lo scope host \n",
    );
  });

  it("ip route show table 101 and 100", () => {
    expect(print("node-a", "ip route show table 101")).toBe(
      "default via 192.168.127.2 dev istioout \n10.4.4.18 dev veth52b75946 scope link \n",
    );
    const pods = [15, 16, 17, 18, 19, 20].map(
      (n) => `10.4.3.${n} via 192.168.126.2 dev istioin src 10.4.3.1 \n`,
    );
    expect(print("node-b", "ip route show table 100")).toBe(
      `10.4.3.14 dev veth28865c45 scope link \n${pods.join("")}`,
    );
  });

  it("ip -d addr show istioout", () => {
    // The recording's text, with the link's number and MAC address taken out.
    expect(
      normal(print("node-a", "ip -d addr show istioout")),
    ).toBe(`N: istioout: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1410 qdisc noqueue state UNKNOWN group default qlen 1000
    link/ether MAC brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65485 
    geneve id 1001 remote 10.4.4.18 ttl auto dstport 6081 noudpcsum udp6zerocsumrx numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 
    inet 192.168.127.1/30 brd 192.168.127.3 scope global istioout
       valid_lft forever preferred_lft forever
`);
  });

  it("ip -d a in ztunnel A", () => {
    // The recording's text for lo, pistioin and pistioout; eth0 as the article has it.
    expect(
      normal(print("ztunnel-rts54", "ip -d a")),
    ).toBe(`N: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0  allmulti 0 minmtu 0 maxmtu 0 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
N: eth0@ifN: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1460 qdisc noqueue state UP group default qlen 1000
    link/ether MAC brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535 
    veth numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 
    inet 10.4.4.18/24 brd 10.4.4.255 scope global eth0
       valid_lft forever preferred_lft forever
N: pistioin: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1410 qdisc noqueue state UNKNOWN group default qlen 1000
    link/ether MAC brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65485 
    geneve id 1000 remote 10.4.4.1 ttl auto dstport 6081 noudpcsum udp6zerocsumrx numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 
    inet 192.168.126.2/30 scope global pistioin
       valid_lft forever preferred_lft forever
N: pistioout: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1410 qdisc noqueue state UNKNOWN group default qlen 1000
    link/ether MAC brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65485 
    geneve id 1001 remote 10.4.4.1 ttl auto dstport 6081 noudpcsum udp6zerocsumrx numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 
    inet 192.168.127.2/30 scope global pistioout
       valid_lft forever preferred_lft forever
`);
  });
});

describe("without the rule that marks the pods' packets", () => {
  const DELETE =
    "iptables -t mangle -D ztunnel-PREROUTING -p tcp -m set --match-set ztunnel-pods-ips src -j MARK --set-xmark 0x100/0x100";
  let world: World;
  let hung: ReturnType<typeof watch<{ status: number; stdout: string }>>;

  beforeAll(() => {
    world = makeWorld("ambient-2022");
    expect(runAt(world, "node-a", DELETE).status).toBe(0);
    hung = watch(world, () =>
      runAt(world, "sleep", "curl -s --max-time 5 http://10.8.14.226:9080/"),
    );
  });

  it("curl gives up after its five seconds", () => {
    expect(hung.result).toMatchObject({ status: 28, stdout: "" });
  });

  it("the SYN leaves through KUBE-SERVICES and out by eth0, unmarked", () => {
    const [syn] = find(hung.stories, "10.4.4.19:", "10.8.14.226:9080", SYN);
    const node = syn?.legs.find((leg) => leg.namespace === "node-a");
    const told = node?.steps ?? [];
    expect(told.some((s) => s.kind === "rule" && s.facts.chain === "KUBE-SERVICES")).toBe(true);
    const nat = told.find((s) => s.kind === "nat");
    expect(nat?.facts).toMatchObject({ nat: "DNAT", to: "10.4.3.20:9080" });
    expect(told.filter((s) => s.kind === "out").map((s) => s.facts.device)).toEqual(["eth0"]);
    expect(told.some((s) => s.kind === "mark")).toBe(false);
    expect(told.find((s) => s.kind === "route")?.facts).toMatchObject({
      table: "main",
      device: "eth0",
    });
  });

  it("its SYN-ACK meets rule 103 and table 100, and ends in the ztunnel", () => {
    const [answer] = find(hung.stories, "10.4.3.20:9080", "10.4.4.19:", SYN_ACK);
    expect(answer).toBeDefined();
    const node = answer?.legs.find((leg) => leg.namespace === "node-a");
    const told = node?.steps ?? [];
    const decided = told.findIndex((s) => s.kind === "route");
    const before = told.slice(0, decided);
    expect(before.filter((s) => s.kind === "mark" || s.kind === "connmark")).toEqual([]);
    const asked = before
      .filter((s) => s.kind === "iprule")
      .map((s) => [s.facts.priority, s.facts.outcome]);
    expect(asked.at(-1)).toEqual([103, "used"]);
    expect(asked.slice(0, -1).every(([, outcome]) => outcome !== "used")).toBe(true);
    expect(told[decided]?.facts).toMatchObject({
      table: "100",
      device: "istioin",
      via: "192.168.126.2",
    });
    expect(told.find((s) => s.kind === "encap")?.facts).toMatchObject({
      vni: 1000,
      remote: "10.4.4.18",
    });
    expect(answer?.legs.at(-1)?.namespace).toBe("ztunnel-rts54");
    // The ztunnel knows of no such connection: it resets it, the client never hears of it.
    const heard = hung.stories.filter(
      (s) => s.legs.at(-1)?.namespace.startsWith("sleep") && s.head.protocol === "TCP",
    );
    expect(heard).toEqual([]);
  });

  it("every packet of it crosses the devices that it crossed on Linux", () => {
    // Linux 6.1, the same hand-made set-up with the same rule deleted.
    const way = (src: string, dst: string, what: RegExp) =>
      find(hung.stories, src, dst, what).map((story) => devices(story, names(world)));
    for (const seen of way("10.4.4.19:", "10.8.14.226:9080", SYN))
      expect(seen.slice(0, 3)).toEqual(["sleep eth0 Out", "nodea vethsleep In", "nodea eth0 Out"]);
    for (const seen of way("10.4.3.20:9080", "10.4.4.19:", SYN_ACK))
      expect(seen.slice(-5)).toEqual([
        "nodea eth0 In",
        "nodea istioin Out",
        "nodea veth52b75946 Out",
        "za eth0 In",
        "za pistioin In",
      ]);
    const resets = way("10.4.4.19:", "10.8.14.226:9080", /^RST$/);
    expect(resets.length).toBeGreaterThan(0);
    for (const seen of resets)
      expect(seen.slice(0, 5)).toEqual([
        "za pistioin Out",
        "za eth0 Out",
        "nodea veth52b75946 In",
        "nodea istioin In",
        "nodea eth0 Out",
      ]);
  });

  it("and without the route back into the tunnel curl answers, past the ztunnel", () => {
    expect(runAt(world, "node-a", "ip route del table 100 10.4.4.19").status).toBe(0);
    const open = watch(world, () =>
      runAt(world, "sleep", "curl -s --max-time 5 http://10.8.14.226:9080/"),
    );
    expect(open.result.status).toBe(0);
    expect(open.result.stdout).toContain("Simple Bookstore App");
    const met = open.stories
      .filter(
        (story) =>
          find([story], "10.4.4.19:", "", /./).length ||
          find([story], "", "10.4.4.19:", /./).length,
      )
      .flatMap((story) => story.legs.map((leg) => leg.namespace));
    expect(new Set(met)).toContain("node-a");
    expect(met.filter((name) => name === "ztunnel-rts54")).toEqual([]);
  });
});

describe("the lab", () => {
  const root = resolve(import.meta.dirname, "../..");
  const lab = (script: string, ...args: string[]) => {
    const ran = spawnSync(process.execPath, ["src/lab/start.mjs", ...args], {
      cwd: root,
      input: script,
      encoding: "utf8",
    });
    return {
      status: ran.status,
      stdout: ran.stdout,
      stderr: ran.stderr.replace(/^lab: building\n/, ""),
    };
  };

  it("names a machine by its node's name, its pod's name, or its app", () => {
    const world = makeWorld("ambient-2022");
    const hostname = (at: string) => runAt(world, at, "hostname").stdout.trim();
    expect(["node-a", "sleep", "sleep-5644bdc767-2dfg7", "productpage"].map(hostname)).toEqual([
      "node-a",
      "sleep-5644bdc767-2dfg7",
      "sleep-5644bdc767-2dfg7",
      "productpage-v1-5586c4d4ff-qxz9f",
    ]);
    expect(world.machine("nobody")).toBeNull();
  });

  it("runs a script, exits as it exits, and writes what was asked for", () => {
    const dir = mkdtempSync(join(tmpdir(), "hopscope-"));
    try {
      const ran = lab(
        "ping -c 1 127.0.0.1 >/dev/null; echo done; exit 7\n",
        "--pcap",
        dir,
        "--trace",
        join(dir, "t"),
        "-",
      );
      expect(ran).toEqual({ status: 7, stdout: "done\n", stderr: "" });
      expect(readPcapng(readFileSync(join(dir, "linux.pcapng"))).length).toBe(4);
      expect(JSON.parse(readFileSync(join(dir, "t"), "utf8").split("\n")[0] ?? "")).toHaveProperty(
        "kind",
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  }, 60_000);

  it.each([
    [
      ["--world", "nowhere", "-"],
      `hopscope: no world "nowhere"; there are: ${worldNames(lessons).join(", ")}`,
    ],
    [["--at", "nobody", "-"], 'hopscope: no machine "nobody"; there are: linux'],
    [["--bogus"], "hopscope: unknown option --bogus"],
    [["--seed", "x", "-"], "hopscope: --seed: not a number: x"],
    [["nosuch.sh"], "hopscope: nosuch.sh: No such file or directory"],
    [
      ["lessons", "nosuch"],
      `hopscope: no lesson "nosuch", nor a folder of lessons; there are: ${lessonSlugs(lessons).join(", ")}`,
    ],
  ])(
    "says what is wrong with %j",
    (args, words) => {
      const { status, stdout, stderr } = lab("true\n", ...args);
      expect({ status, stdout, first: stderr.split("\n")[0] }).toEqual({
        status: 2,
        stdout: "",
        first: words,
      });
      expect(stderr).not.toMatch(/^\s+at /m);
    },
    60_000,
  );
});
