import type { Store } from "../../kube/store.ts";
import { MSEC, SEC, type Timer, type Wakeable } from "../../sim/sim.ts";
import { logLine, type Output } from "../log.ts";
import type { AdsStream } from "./ads.ts";
import { XdsCache } from "./cache.ts";
import { PolicyCollection, writeStatuses } from "./policy/collection.ts";
import { PushContext } from "./push.ts";
import { takeSnapshot, WATCHED } from "./registry.ts";

/** PILOT_DEBOUNCE_AFTER and _MAX: a push waits until nothing has changed for so long, or no longer. */
const DEBOUNCE_AFTER = 100 * MSEC;
const DEBOUNCE_MAX = 10 * SEC;
/** Until everything has been listed once: the latency of a watch, and a bit. */
const SYNC = 5 * MSEC;

/**
 * What istiod knows, and who is told of it (istio: pilot/pkg/xds/discovery.go). It follows the
 * objects of Kubernetes; nobody else in the mesh does.
 */
export class Discovery implements Wakeable {
  store: Store;
  trustDomain: string;
  output: Output;
  /** Policies' statuses are written (since 1.24). */
  statuses: boolean;
  /** Of the ControlPlane message: which istiod it is. */
  identifier: string;
  streams = new Set<AdsStream>();
  connections = 0;
  pushes = 0;
  cache = new XdsCache();
  context: PushContext;
  /** Before it has seen every object once it tells nobody anything. */
  synced = false;
  events = 0;
  firstEvent = 0;
  debounce: Timer | null = null;

  constructor(
    store: Store,
    trustDomain: string,
    output: Output,
    identifier: string,
    statuses: boolean,
  ) {
    this.store = store;
    this.trustDomain = trustDomain;
    this.output = output;
    this.identifier = identifier;
    this.statuses = statuses;
    this.context = this.takeContext();
    for (const kind of WATCHED) store.watch(kind, this);
    store.sim.after(SYNC, this, "synced");
  }

  log(level: string, scope: string, text: string): void {
    this.output.write(logLine(this.store.sim, level, scope, text));
  }

  get now(): string {
    const { sim } = this.store;
    return `${new Date(sim.epoch + Math.floor(sim.now / 1e6)).toISOString().slice(0, 19)}Z`;
  }

  takeContext(): PushContext {
    this.pushes++;
    this.cache.turn();
    const snapshot = takeSnapshot(this.store, this.trustDomain);
    const version = `${this.now}/${this.pushes}`;
    const policies = new PolicyCollection(this.store);
    if (this.statuses) writeStatuses(this.store, policies);
    return new PushContext(version, snapshot, policies, this.trustDomain, this.cache);
  }

  wake(reason: string): void {
    if (reason === "synced") {
      this.context = this.takeContext();
      this.synced = true;
      this.log("info", "ads", "All caches have been synced up, marking server ready");
    } else if (reason === "watch") this.changed();
    else this.push();
  }

  /** Wait for more to change (istio: debounce). */
  changed(): void {
    const { sim } = this.store;
    if (this.events++ === 0) this.firstEvent = sim.now;
    this.debounce?.cancel();
    const due = Math.min(sim.now + DEBOUNCE_AFTER, this.firstEvent + DEBOUNCE_MAX);
    this.debounce = sim.at(due, this, "push");
  }

  push(): void {
    this.debounce = null;
    this.events = 0;
    this.context = this.takeContext();
    const { snapshot, version } = this.context;
    this.log(
      "info",
      "ads",
      `XDS: Pushing Services:${snapshot.services.length} ConnectedEndpoints:${this.streams.size} Version:${version}`,
    );
    for (const stream of this.streams) stream.push();
  }

  /** istio: pilot/pkg/xds/ads.go, connectionID */
  connectionId(proxy: string): string {
    return `${proxy}-${++this.connections}`;
  }

  nonce(): string {
    const hex = [...this.store.sim.rng("nonce").bytes(16)]
      .map((octet) => octet.toString(16).padStart(2, "0"))
      .join("");
    const uuid = hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-a$4-$5");
    return this.context.version + uuid;
  }

  add(stream: AdsStream): void {
    this.streams.add(stream);
  }

  remove(stream: AdsStream): void {
    this.streams.delete(stream);
  }

  stop(): void {
    this.store.unwatch(this);
    this.debounce?.cancel();
    this.streams.clear();
  }
}
