import { describe, expect, it } from "vitest";
import { setLink } from "../net/device/admin.ts";
import { UdpSock } from "../net/udp/sock.ts";
import type { Wakeable } from "../sim/sim.ts";
import { type DnsRecord, decodeDns, dnsResponse, encodeDns, NXDOMAIN } from "../wire/dns.ts";
import { runToCompletion } from "./script.ts";
import { testMachine } from "./testkit.ts";

const ZONE: DnsRecord[] = [
  { name: "web.shop.svc.", type: "A", ttl: 30, data: "10.0.0.7" },
  { name: "alias.example.com.", type: "CNAME", ttl: 30, data: "web.shop.svc." },
];

/** Answers from ZONE, CNAMEs followed. */
class Server implements Wakeable {
  sock: UdpSock;
  asked: string[] = [];

  constructor(sock: UdpSock) {
    this.sock = sock;
    sock.bind(0, 53);
    sock.readable.add(this);
  }

  wake(): void {
    this.sock.readable.add(this);
    for (let got = this.sock.recvFrom(); got; got = this.sock.recvFrom()) {
      const query = decodeDns(got.data);
      const question = query?.questions[0];
      if (!query || !question) continue;
      this.asked.push(`${question.type} ${question.name}`);
      const alias = ZONE.find((r) => r.name === question.name && r.type === "CNAME");
      const name = alias?.data ?? question.name;
      const exists = ZONE.some((r) => r.name === name);
      const answer = dnsResponse({ ...query, edns: null }, exists ? 0 : NXDOMAIN);
      answer.answers = ZONE.filter((r) => r.name === name && r.type === question.type);
      if (alias) answer.answers.unshift(alias);
      this.sock.transmit(encodeDns(answer), got.localAddress, got.address, got.port);
    }
  }
}

function world() {
  const machine = testMachine();
  setLink(machine.netns.loopback, true);
  const server = new Server(new UdpSock(machine.netns));
  const config = "search shop.svc\\nnameserver 127.0.0.1\\noptions ndots:2\\n";
  const run = (text: string) =>
    runToCompletion(machine, `printf '${config}' > /etc/resolv.conf\n${text}`).stdout;
  return { server, run };
}

describe("the resolver", () => {
  it("goes through the search list, A and AAAA together", () => {
    const { server, run } = world();
    expect(run("getent hosts web")).toBe("10.0.0.7        web.shop.svc\n");
    expect(server.asked).toEqual(["A web.shop.svc.", "AAAA web.shop.svc."]);
  });

  it("follows aliases, and tells a missing name from a silent server", () => {
    const { run } = world();
    expect(run("getent hosts alias.example.com")).toBe(
      "10.0.0.7        web.shop.svc alias.example.com\n",
    );
    expect(run("curl -sS http://no.such.name/ 2>&1; ping -c1 no.such.name. 2>&1")).toBe(
      "curl: (6) Could not resolve host: no.such.name\nping: no.such.name.: Name or service not known\n",
    );
  });

  it("is asked by dig as by the real one", () => {
    const { run } = world();
    expect(run("dig +short alias.example.com; dig +search +noall +answer web")).toBe(
      "web.shop.svc.\n10.0.0.7\nweb.shop.svc.\t\t30\tIN\tA\t10.0.0.7\n",
    );
    const whole = run("dig @127.0.0.1 web.shop.svc | sed -E 's/(id:|WHEN:).*/\\1/'");
    expect(whole).toBe(`
; <<>> DiG 9.18.49-1~deb12u3-Debian <<>> @127.0.0.1 web.shop.svc
; (1 server found)
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id:
;; flags: qr rd ra ad; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0

;; QUESTION SECTION:
;web.shop.svc.			IN	A

;; ANSWER SECTION:
web.shop.svc.		30	IN	A	10.0.0.7

;; Query time: 0 msec
;; SERVER: 127.0.0.1#53(127.0.0.1) (UDP)
;; WHEN:
;; MSG SIZE  rcvd: 46

`);
  });
});
