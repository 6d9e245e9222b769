import { Tcp, type TcpOptions, TH_FIN, TH_SYN } from "../../wire/tcp.ts";
import type { Skb } from "../skb.ts";
import { seqAdd } from "./seq.ts";

/** What arrived, by the names of RFC 9293 §3.3.1: SEG.SEQ, SEG.ACK, SEG.LEN, SEG.WND. */
export interface Segment {
  src: number;
  srcPort: number;
  dst: number;
  dstPort: number;
  seq: number;
  ack: number;
  flags: number;
  /** As it stands in the header, not scaled. */
  window: number;
  /** Bytes of data; SYN and FIN not counted. */
  length: number;
  /** SEG.SEQ + SEG.LEN, SYN and FIN counted. */
  end: number;
  options: TcpOptions;
  timestamp: { value: number; echo: number } | undefined;
  /** The data, within the packet. */
  data: Uint8Array;
  from: number;
}

/** The segment of a packet; null when its header is broken. */
export function segmentOf(skb: Skb): Segment | null {
  if (!Tcp.check(skb.data, skb.transport, skb.tail)) return null;
  const tcp = new Tcp(skb.data, skb.transport);
  const ip = skb.ip;
  const { flags, seq, options, payload } = tcp;
  const length = skb.tail - payload;
  return {
    src: ip.src,
    srcPort: tcp.srcPort,
    dst: ip.dst,
    dstPort: tcp.dstPort,
    seq,
    ack: tcp.ack,
    flags,
    window: tcp.window,
    length,
    end: seqAdd(seq, length + (flags & TH_SYN ? 1 : 0) + (flags & TH_FIN ? 1 : 0)),
    options,
    timestamp: options.timestamp,
    data: skb.data,
    from: payload,
  };
}
