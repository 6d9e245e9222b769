import { arping } from "../command/arping.ts";
import { dig } from "../command/dig.ts";
import { nc } from "../command/nc.ts";
import { nstat } from "../command/nstat.ts";
import { socat } from "../command/socat/socat.ts";
import { ss } from "../command/ss.ts";
import tcpdump from "../command/tcpdump.ts";
import type { Command } from "../command.ts";

/** Who talks to whom, and what is on the wire. */
export const commands: readonly Command[] = [arping, dig, nc, nstat, socat, ss, tcpdump];
