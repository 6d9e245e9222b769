import { concatBytes } from "../../src/base/text.ts";
import type { TlsConnection } from "../../src/tls/connection.ts";
import { IPV4_HLEN, Ipv4 } from "../../src/wire/ipv4.ts";
import { interfaceBlock, packetBlock, sectionHeader } from "../../src/wire/pcapng.ts";
import { Tcp } from "../../src/wire/tcp.ts";

const TCP_HLEN = 20;
const ACK_PSH = 0x18;

/** One segment of a connection between 10.0.0.1:40000 and 10.0.0.2:443, as raw IPv4. */
function segment(fromClient: boolean, seq: number, ack: number, data: Uint8Array): Uint8Array {
  const packet = new Uint8Array(IPV4_HLEN + TCP_HLEN + data.length);
  packet.set(data, IPV4_HLEN + TCP_HLEN);
  const [src, dst] = fromClient ? [0x0a000001, 0x0a000002] : [0x0a000002, 0x0a000001];
  const [srcPort, dstPort] = fromClient ? [40000, 443] : [443, 40000];
  const ip = { tos: 0, totalLength: packet.length, id: 1, fragment: 0, ttl: 64, protocol: 6 };
  Ipv4.write(packet, 0, { ...ip, src, dst });
  const tcp = { srcPort, dstPort, seq, ack, flags: ACK_PSH, window: 65535, src, dst };
  Tcp.write(packet, IPV4_HLEN, packet.length, { ...tcp, options: new Uint8Array(0) });
  return packet;
}

/**
 * A capture of a handshake, and of what is said when both are open; `settle` carries what was said so
 * far.
 */
export function conversation(
  client: TlsConnection,
  server: TlsConnection,
  speak: (settle: () => void) => void,
): Uint8Array {
  const blocks = [sectionHeader("test"), interfaceBlock({ name: "raw", linkType: 101 })];
  const sent = { client: 1, server: 1 };
  let time = 1_790_000_000_000_000_000n;
  const carry = (from: TlsConnection, to: TlsConnection): boolean => {
    const bytes = from.takeOutput();
    for (let at = 0; at < bytes.length; at += 1400) {
      const piece = bytes.subarray(at, at + 1400);
      const data = segment(from === client, sent[from.role], sent[to.role], piece);
      sent[from.role] += piece.length;
      time += 1_000_000n;
      const packet = { interface: 0, time, data, length: data.length };
      blocks.push(packetBlock({ ...packet, direction: "", comment: "" }));
      to.receive(piece);
    }
    return bytes.length > 0;
  };
  const settle = (): void => {
    while (carry(client, server) || carry(server, client));
  };
  settle();
  speak(settle);
  settle();
  return concatBytes(blocks);
}
