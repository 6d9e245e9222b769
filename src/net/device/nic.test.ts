import { describe, expect, it } from "vitest";
import { Sim } from "../../sim/sim.ts";
import { Ethernet } from "../../wire/ethernet.ts";
import { Ids, Kernel } from "../kernel.ts";
import { PacketSock } from "../socket/packet.ts";
import { DEFAULT_LINK, Nic, Segment } from "./nic.ts";
import { xmitFrame } from "./transmit.ts";

const EVERYBODY = Uint8Array.from([255, 255, 255, 255, 255, 255]);
const mac = (last: number) => Uint8Array.from([2, 0, 0, 0, 0, last]);

/** Machines 1, 2, 3 on one network, with a listener on each card. */
class Room {
  sim = new Sim(1);
  ids = new Ids();
  segment: Segment;
  nics: Nic[] = [];
  ears: PacketSock[] = [];

  constructor(mtu = 0) {
    this.segment = new Segment("room", { ...DEFAULT_LINK, mtu });
    for (const n of [1, 2, 3]) {
      const { init } = new Kernel(this.sim, this.ids, `m${n}`);
      const nic = new Nic("eth0");
      nic.mac = mac(n);
      init.register(nic);
      this.segment.plug(nic);
      nic.up = true;
      this.nics.push(nic);
      this.ears.push(new PacketSock(init, nic, 100, true));
    }
  }

  /** Who hears a frame of so many bytes after its header. */
  heard(from: number, dst: Uint8Array, src = mac(from), length = 50): number[] {
    const nic = this.nics[from - 1] as Nic;
    const skb = nic.ns.kernel.newSkb(nic.ns, 14 + length, "injected");
    Ethernet.write(skb.data, skb.head, dst, src, 0x9000);
    xmitFrame(nic.ns, skb, nic);
    this.sim.runUntil(this.sim.now + 1e9);
    return [1, 2, 3].filter((n) => {
      const { frames } = this.ears[n - 1] as PacketSock;
      const came = frames.some(({ packetType }) => packetType !== 4);
      frames.length = 0;
      return came;
    });
  }
}

describe("a network of cards", () => {
  it("takes a frame to the card that it is for, whoever listens", () => {
    const room = new Room();
    expect(room.heard(1, mac(2))).toEqual([2]);
    expect(room.heard(1, EVERYBODY)).toEqual([2, 3]);
  });

  it("asks everybody for a station that it does not know, and learns where it is", () => {
    const room = new Room();
    expect(room.heard(1, mac(9))).toEqual([2, 3]);
    expect(room.heard(3, mac(1), mac(9))).toEqual([1]);
    expect(room.heard(1, mac(9))).toEqual([3]);
  });

  it("gives a card that does not listen to all only what is its own", () => {
    const room = new Room();
    room.ears[1]?.close();
    room.ears[1] = new PacketSock((room.nics[1] as Nic).ns, room.nics[1] as Nic, 100);
    expect(room.heard(1, mac(9))).toEqual([3]);
  });

  it("drops what is larger than its switches take", () => {
    const room = new Room(1460);
    expect(room.heard(1, mac(2), mac(1), 1464)).toEqual([2]);
    expect(room.heard(1, mac(2), mac(1), 1465)).toEqual([]);
  });
});
