import { describe, expect, it } from "vitest";
import { isProblem, parseFilter } from "../../journey/display-filter.ts";
import { findLinks } from "./links.ts";

/** What a line links to: the text that is underlined, and the filter. */
const cases: [line: string, links: [text: string, filter: string][]][] = [
  ["64 bytes from 10.4.4.1: icmp_seq=1 ttl=64 time=0.05 ms", [["10.4.4.1", "ip.addr == 10.4.4.1"]]],
  [
    "10.244.1.0/24 via 10.4.4.2 dev eth0",
    [
      ["10.244.1.0/24", "ip.addr == 10.244.1.0/24"],
      ["10.4.4.2", "ip.addr == 10.4.4.2"],
    ],
  ],
  [
    "-A KUBE-SEP -p tcp -j DNAT --to-destination 10.4.3.20:9080",
    [["10.4.3.20:9080", "ip.addr == 10.4.3.20 and tcp.port == 9080"]],
  ],
  [
    "-A KUBE-SEP -p udp -j DNAT --to-destination 10.4.3.20:53",
    [["10.4.3.20:53", "ip.addr == 10.4.3.20 and udp.port == 53"]],
  ],
  [
    "12:00:01.5 IP 10.0.0.1.43210 > 10.0.0.2.80: Flags [S], seq 1",
    [
      ["10.0.0.1.43210", "ip.addr == 10.0.0.1 and tcp.port == 43210"],
      ["10.0.0.2.80", "ip.addr == 10.0.0.2 and tcp.port == 80"],
    ],
  ],
  ["LISTEN 0 128 0.0.0.0:22 0.0.0.0:*", []],
  [
    "http://10.0.0.2:8080/index.html",
    [["10.0.0.2:8080", "ip.addr == 10.0.0.2 and tcp.port == 8080"]],
  ],
  ["inet 10.4.4.19 netmask 255.255.255.0", [["10.4.4.19", "ip.addr == 10.4.4.19"]]],
  ["version 1.24.5, 300.1.1.1, 1.2.3.4.5.6, 10.0.0.1:70000", []],
  [
    "-A PREROUTING -m mark --mark 0x539/0xfff -j CONNMARK --set-xmark 0x100/0x100",
    [
      ["0x539/0xfff", "mark == 0x539"],
      ["0x100/0x100", "connmark == 0x100"],
    ],
  ],
  [
    "-m connmark --mark 0x210 -j TPROXY --on-port 15001 --tproxy-mark 0x400/0xfff",
    [
      ["0x210", "connmark == 0x210"],
      ["0x400/0xfff", "mark == 0x400"],
    ],
  ],
  ["101:\tfrom all fwmark 0x100/0x100 lookup 101", [["0x100/0x100", "mark == 0x100"]]],
  ["-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff", []],
  ["tcp 6 431999 ESTABLISHED sport=1 mark=544 use=1", [["544", "connmark == 544"]]],
  ["length 60, cksum 0xfe28 (correct)", []],
];

describe("links in a line of output", () => {
  for (const [line, links] of cases)
    it(line, () => {
      const found = findLinks(line);
      expect(found.map(({ text, filter }) => [text, filter])).toEqual(links);
      for (const { start, end, text, filter } of found) {
        expect(line.slice(start, end)).toBe(text);
        expect(isProblem(parseFilter(filter))).toBe(false);
      }
    });
});
