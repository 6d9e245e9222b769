import { defineTarget, XtRefused, XtUsageError } from "../extension.ts";
import { parseOptionNumber, parseOptionRange } from "../number.ts";
import { given, value } from "../option.ts";

interface NfqueueInfo {
  queue: number;
  count: number;
  bypass: boolean;
  fanout: boolean;
}

/** Nobody reads these queues: without --queue-bypass the packet is lost, as on a real machine. */
export default defineTarget<NfqueueInfo>({
  name: "NFQUEUE",
  linux: "net/netfilter/xt_NFQUEUE.c",
  help:
    "NFQUEUE target options\n" +
    "  --queue-num value               to which queue, 0 to 65535\n" +
    "  --queue-balance first:last      spread over these queues\n" +
    "  --queue-bypass                  accept when nobody reads the queue\n" +
    "  --queue-cpu-fanout\n",
  options: [
    { name: "queue-num", args: 1, invert: false, excludes: ["queue-balance"] },
    { name: "queue-balance", args: 1, invert: false, excludes: ["queue-num"] },
    { name: "queue-bypass", args: 0, invert: false },
    { name: "queue-cpu-fanout", args: 0, invert: false, requires: ["queue-balance"] },
  ],
  parse(options) {
    const number = given(options, "queue-num");
    const balance = given(options, "queue-balance");
    const [first = 0, last = first] = balance
      ? parseOptionRange("NFQUEUE", "queue-balance", value(balance), 65535)
      : [number ? parseOptionNumber("NFQUEUE", "queue-num", value(number), 0, 65535) : 0];
    if (balance && first >= last) throw new XtUsageError(`${first} should be less than ${last}`);
    return {
      queue: first,
      count: last - first + 1,
      bypass: given(options, "queue-bypass") !== undefined,
      fanout: given(options, "queue-cpu-fanout") !== undefined,
    };
  },
  check(info) {
    if (info.count > 65535) throw new XtRefused("xt_NFQUEUE: number of total queues is 0");
  },
  save: (info) =>
    (info.count > 1
      ? ` --queue-balance ${info.queue}:${info.queue + info.count - 1}`
      : ` --queue-num ${info.queue}`) +
    (info.bypass ? " --queue-bypass" : "") +
    (info.fanout ? " --queue-cpu-fanout" : ""),
  print: (info) =>
    (info.count > 1
      ? ` NFQUEUE balance ${info.queue}:${info.queue + info.count - 1}`
      : ` NFQUEUE num ${info.queue}`) +
    (info.bypass ? " bypass" : "") +
    (info.fanout ? " cpu-fanout" : ""),
  apply: (info) => (info.bypass ? "ACCEPT" : "DROP"),
  examples: [
    ["-j NFQUEUE", "-j NFQUEUE --queue-num 0"],
    ["-j NFQUEUE --queue-num 3 --queue-bypass", "-j NFQUEUE --queue-num 3 --queue-bypass"],
    ["-j NFQUEUE --queue-num 65536", null],
  ],
});
