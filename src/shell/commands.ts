import { awk } from "./command/awk/awk.ts";
import { bash } from "./command/bash.ts";
import { binary } from "./command/binary.ts";
import { bridge } from "./command/bridge/bridge.ts";
import { cat } from "./command/cat.ts";
import conntrack from "./command/conntrack/conntrack.ts";
import { copying } from "./command/copy.ts";
import { curl } from "./command/curl/curl.ts";
import { cut } from "./command/cut.ts";
import { date } from "./command/date.ts";
import { diff } from "./command/diff.ts";
import { dig } from "./command/dig.ts";
import { dmesg } from "./command/dmesg.ts";
import { echo } from "./command/echo.ts";
import { edit } from "./command/edit.ts";
import { environment } from "./command/environment.ts";
import { filemod } from "./command/filemod.ts";
import { find } from "./command/find.ts";
import { getent } from "./command/getent.ts";
import { grep } from "./command/grep.ts";
import { head, tail } from "./command/head.ts";
import { manual } from "./command/help.ts";
import { identity } from "./command/identity.ts";
import ip from "./command/ip/ip.ts";
import ipset from "./command/ipset/index.ts";
import iptables from "./command/iptables/index.ts";
import iptablesRestore from "./command/iptables-restore.ts";
import iptablesSave from "./command/iptables-save.ts";
import istioctl from "./command/istioctl/istioctl.ts";
import kubectl from "./command/kubectl/kubectl.ts";
import { lineTools } from "./command/lines.ts";
import { ls } from "./command/ls.ts";
import { nc } from "./command/nc.ts";
import { openssl } from "./command/openssl/openssl.ts";
import { paths } from "./command/paths.ts";
import { ping } from "./command/ping.ts";
import { printf } from "./command/printf.ts";
import { processTools } from "./command/processes.ts";
import { sed } from "./command/sed/sed.ts";
import { seq } from "./command/seq.ts";
import { sleep } from "./command/sleep.ts";
import { socat } from "./command/socat/socat.ts";
import { sort } from "./command/sort.ts";
import { ss } from "./command/ss.ts";
import { sync } from "./command/sync.ts";
import { sysctl } from "./command/sysctl.ts";
import { tc } from "./command/tc/tc.ts";
import tcpdump from "./command/tcpdump.ts";
import { tee } from "./command/tee.ts";
import { terminal } from "./command/terminal.ts";
import { test } from "./command/test.ts";
import { runners } from "./command/timeout.ts";
import { tr } from "./command/tr.ts";
import { yesno } from "./command/true.ts";
import { uniq } from "./command/uniq.ts";
import { watch } from "./command/watch.ts";
import { wc } from "./command/wc.ts";
import { xargs } from "./command/xargs.ts";
import type { Command } from "./command.ts";

/** Every program of the machines: adding one is one file and a line here. */
export const commands: readonly Command[] = [
  echo,
  ip,
  ipset,
  iptables,
  iptablesRestore,
  iptablesSave,
  sysctl,
  awk,
  bash,
  bridge,
  tc,
  cat,
  conntrack,
  curl,
  cut,
  date,
  diff,
  dig,
  dmesg,
  edit,
  find,
  getent,
  grep,
  head,
  tcpdump,
  istioctl,
  kubectl,
  ls,
  nc,
  openssl,
  ping,
  printf,
  sed,
  seq,
  sleep,
  socat,
  sort,
  ss,
  sync,
  tail,
  tee,
  test,
  tr,
  uniq,
  watch,
  wc,
  xargs,
  ...binary,
  ...copying,
  ...environment,
  ...filemod,
  ...identity,
  ...lineTools,
  ...manual,
  ...paths,
  ...processTools,
  ...runners,
  ...terminal,
  ...yesno,
];
