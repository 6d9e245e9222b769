import type { Command } from "./command.ts";
import { commands as condition } from "./part/condition.ts";
import { commands as conntrack } from "./part/conntrack.ts";
import { commands as core } from "./part/core.ts";
import { commands as curl } from "./part/curl.ts";
import { commands as files } from "./part/files.ts";
import { commands as ip } from "./part/ip.ts";
import { commands as ipset } from "./part/ipset.ts";
import { commands as istioctl } from "./part/istioctl.ts";
import { commands as kubectl } from "./part/kubectl.ts";
import { commands as link } from "./part/link.ts";
import { commands as netfilter } from "./part/netfilter.ts";
import { commands as openssl } from "./part/openssl.ts";
import { commands as ping } from "./part/ping.ts";
import { commands as process } from "./part/process.ts";
import { commands as sockets } from "./part/sockets.ts";
import { commands as text } from "./part/text.ts";

/** Every program of the machines by the part that it comes with: adding one is one file and a line there. */
export const parts: Readonly<Record<string, readonly Command[]>> = {
  core,
  condition,
  files,
  text,
  process,
  ip,
  ping,
  link,
  conntrack,
  ipset,
  netfilter,
  sockets,
  curl,
  openssl,
  kubectl,
  istioctl,
};

export const commands: readonly Command[] = Object.values(parts).flat();
