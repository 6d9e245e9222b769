import type { Kernel } from "../net/kernel.ts";
import type { NetNs } from "../net/netns.ts";
import type { Sim } from "../sim/sim.ts";
import { WaitQueue } from "../sim/wait.ts";
import { FileSystem } from "./fs.ts";
import type { Process } from "./process.ts";
import type { PageRequest } from "./request.ts";

/**
 * What a shell runs on: a node, or a container of a pod. A pod's machine shares its node's kernel
 * and has a network namespace, a file system and a hostname of its own.
 */
export class Machine {
  name: string;
  hostname: string;
  sim: Sim;
  kernel: Kernel;
  netns: NetNs;
  fs: FileSystem;
  /** What it is part of; rooms above know what that is (kube's `clusterOf`). */
  context: object | null = null;
  processes = new Map<number, Process>();
  nextPid = 1;
  /** What its programs ask of the page, oldest first. */
  requests: PageRequest[] = [];
  /** Woken when there is a request: the page's session waits here. */
  requested = new WaitQueue();
  /** True when there is a page to answer requests (in the lab there is none). */
  page = false;
  /** Who listens on which socket of the file system: daemons of one node talk by these. */
  unixSockets = new Map<string, object>();
  /** The node that a pod's machine runs on; itself for a node. */
  node: Machine;

  constructor(name: string, kernel: Kernel, netns: NetNs, node?: Machine) {
    this.name = name;
    this.hostname = name;
    this.sim = kernel.sim;
    this.kernel = kernel;
    this.netns = netns;
    this.node = node ?? this;
    this.fs = new FileSystem(this);
  }

  /** The environment of a login shell. */
  environment(): Map<string, string> {
    return new Map([
      ["HOME", "/root"],
      ["HOSTNAME", this.hostname],
      ["LOGNAME", "root"],
      ["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
      ["PWD", "/root"],
      ["SHELL", "/bin/bash"],
      ["USER", "root"],
    ]);
  }
}
