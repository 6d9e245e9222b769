import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Capture } from "../src/host/open.ts";
import { HttpParser } from "../src/http1/parse.ts";
import { captures } from "../src/journey/capture.ts";
import { JourneyReader } from "../src/journey/reader.ts";
import { storyOf, storyText } from "../src/journey/tell.ts";
import { netifReceive } from "../src/net/device/receive.ts";
import { parseBody, parseScript, parseWord } from "../src/shell/parse.ts";
import { runScript } from "../src/shell/script.ts";
import { MSEC } from "../src/sim/sim.ts";
import { Ev } from "../src/sim/trace.ts";
import { finish, sum } from "../src/wire/checksum.ts";
import { decodeDns } from "../src/wire/dns.ts";
import { matches } from "../src/wire/filter.ts";
import { FilterError, parseFilter } from "../src/wire/filter-parse.ts";
import { readPcap } from "../src/wire/pcap.ts";
import { PacketPrinter, PLAIN } from "../src/wire/print.ts";
import type { World } from "../src/world/world.ts";
import { makeWorld } from "./scenario/kit.ts";

/** 100 by default; FC_RUNS=10000 npm test -- fuzz for a longer look. A failure prints its seed. */
const numRuns = Number(process.env.FC_RUNS ?? 100);
const TIMEOUT = 10_000 + numRuns * 200;

/** A namespace with something of everything that looks at packets. */
const SETUP = `
ip netns add b
ip link add v0 type veth peer name v1 netns b
ip link set v0 address 02:00:00:00:00:01
ip -n b link set v1 address 02:00:00:00:00:02
ip addr add 10.0.0.1/24 dev v0; ip link set v0 up
ip -n b addr add 10.0.0.2/24 dev v1; ip -n b link set v1 up; ip -n b link set lo up
ip link add g0 type geneve id 7 remote 10.0.0.2; ip addr add 10.7.0.1/24 dev g0; ip link set g0 up
ip -n b link add g0 type geneve id 7 remote 10.0.0.1; ip -n b addr add 10.7.0.2/24 dev g0; ip -n b link set g0 up
ip link add x0 type vxlan id 9 remote 10.0.0.2 dstport 4789; ip addr add 10.9.0.1/24 dev x0; ip link set x0 up
ip -n b link add x0 type vxlan id 9 remote 10.0.0.1 dstport 4789; ip -n b addr add 10.9.0.2/24 dev x0; ip -n b link set x0 up
sysctl -qw net.ipv4.ip_forward=1
ipset create s hash:ip; ipset add s 10.0.0.2
iptables -t raw -A PREROUTING -p udp --dport 99 -j NOTRACK
iptables -t mangle -A PREROUTING -m conntrack --ctstate INVALID
iptables -t mangle -A PREROUTING -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu 2>/dev/null
iptables -t mangle -A PREROUTING -p tcp --tcp-option 8 -j MARK --set-mark 3
iptables -t mangle -A PREROUTING -m set --match-set s src -j CONNMARK --save-mark
iptables -t mangle -A PREROUTING -p tcp --dport 8080 -j TPROXY --on-port 80 --tproxy-mark 1
iptables -t mangle -A FORWARD -m string --string GET --algo bm
iptables -t mangle -A POSTROUTING -m u32 --u32 '0>>22&0x3C@4=1'
iptables -t nat -A PREROUTING -p tcp --dport 81 -j REDIRECT --to-ports 80
iptables -t nat -A PREROUTING -p udp --dport 54 -j DNAT --to-destination 10.9.0.2:53
iptables -t nat -A POSTROUTING -o x0 -j MASQUERADE
iptables -A INPUT -p icmp -m icmp --icmp-type 3 -j LOG
iptables -A INPUT -p tcp --dport 82 -j REJECT --reject-with tcp-reset
iptables -A INPUT -p udp --dport 82 -j REJECT
ip rule add fwmark 1 lookup 5; ip route add local default dev lo table 5
nc -kl 80 >/dev/null </dev/null & nc -ukl 53 >/dev/null </dev/null & nc -kl 8080 >/dev/null </dev/null &
ip netns exec b nc -kl 80 >/dev/null </dev/null &
tcpdump -i any -env >/dev/null 2>&1 &
sleep 0.5`;

/** Traffic whose frames are what is then mutated. */
const TRAFFIC = `
B="ip netns exec b"
for d in 10.0.0.1 10.7.0.1 10.9.0.1; do
  $B ping -c 1 -W 1 $d; echo hi | $B nc -N -w 1 $d 80; echo hi | $B nc -u -w 1 $d 53; echo hi | $B nc -u -w 1 $d 5
done
$B ping -c 1 -W 1 -s 4000 10.0.0.1`;

function run(world: World, script: string): void {
  const p = runScript(world.first, script, { stdout: new Capture(), cwd: "/tmp" });
  for (let i = 0; p.status === null; i++) {
    if (i > 1_000_000 || !world.sim.step()) throw new Error("the set-up does not end");
  }
}

function prepared(): { world: World; corpus: Uint8Array[] } {
  const world = makeWorld("linux", { trace: 50_000 });
  run(world, SETUP);
  const { trace } = world.sim;
  const begin = trace.next;
  run(world, TRAFFIC);
  const corpus: Uint8Array[] = [];
  for (let n = begin; n < trace.next; n++) {
    const e = trace.event(n);
    const bytes = e?.kind === Ev.TX ? trace.bytesOf(n) : null;
    if (bytes) corpus.push(bytes);
  }
  return { world, corpus };
}

/** A mutation of a frame: bytes set, the end cut off or grown, and the IPv4 header made right again. */
const mutation = fc.record({
  pick: fc.nat(),
  edits: fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 6 }),
  cut: fc.option(fc.nat(200), { nil: null, freq: 2 }),
  tail: fc.uint8Array({ maxLength: 40 }),
  toUs: fc.boolean(),
  mend: fc.boolean(),
});
const random = fc.uint8Array({ maxLength: 200 });

function mutate(
  corpus: Uint8Array[],
  m: typeof mutation extends fc.Arbitrary<infer T> ? T : never,
) {
  const from = corpus[m.pick % corpus.length] as Uint8Array;
  let frame = new Uint8Array(from.length + m.tail.length);
  frame.set(from);
  frame.set(m.tail, from.length);
  for (const [at, value] of m.edits) frame[at % frame.length] = value;
  if (m.cut !== null) frame = frame.slice(0, Math.min(frame.length, m.cut));
  if (m.toUs && frame.length >= 6) frame.set([2, 0, 0, 0, 0, 1]);
  const header = ((frame[14] ?? 0) & 15) * 4;
  if (m.mend && header >= 20 && frame.length >= 14 + header) {
    frame.set([0, 0], 24);
    const check = finish(sum(frame, 14, 14 + header));
    frame.set([check >> 8, check & 255], 24);
  }
  return frame;
}

function inject(world: World, device: string, frame: Uint8Array): void {
  const { netns } = world.first;
  const dev = [...netns.devices.values()].find((d) => d.name === device);
  if (!dev) throw new Error(`no device ${device}`);
  const skb = world.first.kernel.newSkb(netns, frame.length, "injected");
  skb.data.set(frame, skb.head);
  netifReceive(dev, skb);
}

describe("whatever comes in by a device", () => {
  it(
    "no frame makes the kernel, the capture or the story throw or hang",
    () => {
      const { world, corpus } = prepared();
      expect(corpus.length).toBeGreaterThan(50);
      const { sim } = world;
      fc.assert(
        fc.property(
          fc.array(fc.oneof({ weight: 8, arbitrary: mutation }, { weight: 1, arbitrary: random }), {
            minLength: 1,
            maxLength: 30,
          }),
          fc.constantFrom("v0", "v0", "v0", "g0", "x0", "lo"),
          (inputs, device) => {
            const begin = sim.trace.next;
            for (const input of inputs)
              inject(world, device, input instanceof Uint8Array ? input : mutate(corpus, input));
            const steps = sim.steps;
            sim.runUntil(sim.now + 20 * MSEC);
            // What is answered is finite.
            expect(sim.steps - steps).toBeLessThan(20_000);
            const reader = new JourneyReader(sim.trace, begin);
            reader.read();
            for (const skb of reader.stories.keys()) {
              const story = storyOf(reader, skb);
              if (story) storyText(story);
            }
            captures(sim.trace, reader, begin);
          },
        ),
        { numRuns },
      );
      // The machine still works.
      const p = runScript(world.first, "ping -c 1 -W 1 127.0.0.1 >/dev/null", { cwd: "/tmp" });
      while (p.status === null && sim.step());
      expect(p.status).toBe(0);
    },
    TIMEOUT,
  );

  it(
    "tcpdump's lines and filters take any frame",
    () => {
      const { corpus } = prepared();
      const filters = [
        "tcp[tcpflags] & tcp-syn != 0",
        "udp port 53 or icmp[icmptype] = icmp-echo",
        "ip[6:2] & 0x1fff != 0 and len > 40",
        "ether host 02:00:00:00:00:01 and not arp",
      ].map((text) => parseFilter(text));
      fc.assert(
        fc.property(fc.array(fc.oneof(mutation, random), { maxLength: 30 }), (inputs) => {
          const printer = new PacketPrinter({ ...PLAIN, link: true, verbose: 2 });
          for (const input of inputs) {
            const frame = input instanceof Uint8Array ? input : mutate(corpus, input);
            printer.frame(frame, frame.length);
            for (const filter of filters)
              matches(filter, { data: frame, length: frame.length, out: false, device: "v0" });
          }
        }),
        { numRuns },
      );
    },
    TIMEOUT,
  );
});

describe("whatever is read", () => {
  const bytes = fc.uint8Array({ maxLength: 300 });

  it("readPcap, decodeDns and the HTTP parser take any bytes", () => {
    const magic = Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0);
    fc.assert(
      fc.property(bytes, fc.boolean(), (data, headed) => {
        readPcap(headed ? new Uint8Array([...magic, ...data]) : data);
        decodeDns(data);
      }),
      { numRuns: numRuns * 10 },
    );
  });

  it("the HTTP parser takes any bytes in any pieces, and goes on or fails for good", () => {
    const words = fc.constantFrom(
      "HTTP/1.1 200 OK\r\n",
      "GET / HTTP/1.1\r\n",
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n",
      "\r\n",
      "5\r\nhello\r\n",
      "0\r\n\r\n",
      "hello",
      ": x\r\n",
      "ffffffffffffffff\r\n",
    );
    const piece = fc.oneof(
      words.map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.constantFrom("request", "response"), fc.array(piece), (role, pieces) => {
        const parser = new HttpParser(role as "request" | "response");
        if (role === "response") parser.expect("GET");
        for (const data of pieces) parser.push(data);
        parser.end();
      }),
      { numRuns: numRuns * 5 },
    );
  });

  it("a filter is understood, or refused as libpcap refuses", () => {
    const word = fc.constantFrom(
      ..."tcp udp icmp arp ip host net port portrange src dst and or not ( ) [ ] : = != > & + 10.0.0.1 10.0.0.0/8 80 0x10 len ether tcpflags tcp-syn proto gateway vlan 1 less greater inbound".split(
        " ",
      ),
    );
    const text = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.array(word, { maxLength: 12 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (filter) => {
        try {
          parseFilter(filter);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
        }
      }),
      { numRuns: numRuns * 10 },
    );
  });

  it("the shell reads any text", () => {
    const word = fc.constantFrom(
      ..."if then fi for do done while case esac { } ( ) (( )) [[ ]] ; ;; & && | || < << <<< > >& $( ` ' \" \\ $ \x24{ } $(( # ! = x 1 \n in function EOF".split(
        " ",
      ),
      "\n",
      " ",
    );
    const text = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.array(word, { maxLength: 15 }).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (source) => {
        parseScript(source);
        parseWord(source.replaceAll("\n", " "));
        parseBody(source);
      }),
      { numRuns: numRuns * 5 },
    );
  });
});
