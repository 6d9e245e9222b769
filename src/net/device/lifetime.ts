import { SEC } from "../../sim/sim.ts";
import { deleteAddress } from "./admin.ts";
import type { InetAddress, NetDevice } from "./device.ts";

/** Takes addresses away when their time is over (linux: net/ipv4/devinet.c, check_lifetime). */
export class AddressLifetimes {
  wake(_reason: string, arg: unknown): void {
    const { dev, address } = arg as { dev: NetDevice; address: InetAddress };
    if (!dev.addresses.includes(address) || address.validUntil === null) return;
    if (address.validUntil > dev.ns.sim.now) return;
    deleteAddress(dev, address);
  }
}

/** `valid_lft` and `preferred_lft` in seconds, from now on; null is for ever (linux: set_ifa_lifetime). */
export function setLifetime(
  dev: NetDevice,
  address: InetAddress,
  valid: number | null,
  preferred: number | null,
): void {
  const { sim } = dev.ns;
  const until = (seconds: number | null): number | null =>
    seconds === null ? null : sim.now + seconds * SEC;
  address.validUntil = until(valid);
  address.preferredUntil = until(preferred);
  if (address.validUntil !== null)
    sim.at(address.validUntil, dev.ns.addressLifetimes, "expire", { dev, address });
}
