import type { Skb } from "../skb.ts";
import { NetDevice } from "./device.ts";

/** A device that swallows what it is given (linux: drivers/net/dummy.c). */
export class Dummy extends NetDevice {
  readonly kind = "dummy";

  constructor(name: string) {
    super(name);
    this.minMtu = 0;
    this.maxMtu = 0;
    this.noArp = true;
    this.multicast = false;
  }

  override get operState(): string {
    return this.up ? "UNKNOWN" : "DOWN";
  }

  override xmit(_skb: Skb): void {}
}
