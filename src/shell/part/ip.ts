import ip from "../command/ip/ip.ts";
import { sysctl } from "../command/sysctl.ts";
import type { Command } from "../command.ts";

/** Addresses, routes, links, and the kernel's parameters: what every network begins with. */
export const commands: readonly Command[] = [ip, sysctl];
