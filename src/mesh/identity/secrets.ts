import type { Status } from "../../grpc/status.ts";
import { SEC, type Sim, type Timer, type Wakeable } from "../../sim/sim.ts";
import type { Identity } from "../../tls/config.ts";
import { type Certificate, uriNames } from "../../tls/x509/certificate.ts";
import { generateKey, type PrivateKey, type RandomSource } from "../../tls/x509/key.ts";
import { makeName } from "../../tls/x509/name.ts";
import { makeRequest, requestToPem } from "../../tls/x509/request.ts";
import { SignatureCache, sameBytes } from "../../tls/x509/verify.ts";
import type { Issued, Issuer, IssuerOwner } from "./issuer.ts";

/** istio: ztunnel src/identity/manager.rs: how many are asked for at once, and how long a retry waits. */
const CONCURRENCY = 8;
const FIRST_BACKOFF = SEC;
const MAX_BACKOFF = 150 * SEC;
const JITTER = 0.2;

/** Who waits for a certificate. */
export interface SecretWaiter {
  secretReady(id: string): void;
  secretFailed(id: string, error: string): void;
}

/** Who is told of what becomes of secrets: to write it into a log, say. */
export interface SecretsOwner {
  /** A certificate has come; `again` when it takes the place of another. */
  fetched(id: string, secret: Secret, again: boolean): void;
  /** None has; `retry` in ns, `retained` when the one that is held is still good. */
  failed(id: string, error: Status, retry: number, retained: boolean): void;
}

/** A workload's certificate, or what has become of asking for one. */
export class Secret {
  id: string;
  state: "initializing" | "available" | "unavailable" = "initializing";
  identity: Identity | null = null;
  roots: Certificate[] = [];
  /** Of what is being asked for now. */
  key: PrivateKey | null = null;
  error: Status | null = null;
  waiters: SecretWaiter[] = [];
  timer: Timer | null = null;
  backoff = FIRST_BACKOFF;

  constructor(id: string) {
    this.id = id;
  }

  get leaf(): Certificate | null {
    return this.identity?.chain[0] ?? null;
  }

  /** As ztunnel's config_dump says it. */
  get status(): string {
    if (this.state === "unavailable") return `Unavailable: ${this.error?.message ?? ""}`;
    return this.state === "available" ? "Available" : "Initializing";
  }
}

/**
 * The certificates that a node's proxy holds in the name of the workloads on its node: asked for by
 * name, anew when half of their life is over, again after a while when that fails (istio: ztunnel's
 * secret manager).
 */
export class WorkloadSecrets implements Wakeable, IssuerOwner {
  sim: Sim;
  issuer: Issuer;
  owner: SecretsOwner;
  random: RandomSource;
  held = new Map<string, Secret>();
  /** Names that are to be asked for, and how many are under way. */
  queue: string[] = [];
  busy = new Set<string>();
  signatures = new SignatureCache();

  constructor(sim: Sim, name: string, issuer: Issuer, owner: SecretsOwner) {
    this.sim = sim;
    this.issuer = issuer;
    this.owner = owner;
    this.random = sim.rng(`secrets ${name}`);
  }

  /** ms since 1970, by the virtual clock. */
  get now(): number {
    return this.sim.epoch + Math.floor(this.sim.now / 1e6);
  }

  /** The certificate and key of a name that is held; null while there is none, and once it has expired. */
  identity(id: string): Identity | null {
    const secret = this.held.get(id);
    const leaf = secret?.leaf;
    return secret?.identity && leaf && leaf.notAfter > this.now ? secret.identity : null;
  }

  /** The roots that peers may lead to: those that came with the certificates. */
  roots(): Certificate[] {
    const found: Certificate[] = [];
    for (const { roots } of this.held.values())
      for (const root of roots)
        if (!found.some((known) => sameBytes(known.der, root.der))) found.push(root);
    return found;
  }

  /** Hold a certificate of this name from now on. */
  ask(id: string): Secret {
    let secret = this.held.get(id);
    if (!secret) {
      secret = new Secret(id);
      this.held.set(id, secret);
      this.fetch(id);
    }
    return secret;
  }

  /** Tell `waiter` when there is a certificate, or why there is none. */
  wait(id: string, waiter: SecretWaiter): void {
    const secret = this.ask(id);
    if (this.identity(id)) return waiter.secretReady(id);
    if (secret.state === "unavailable") return waiter.secretFailed(id, secret.error?.message ?? "");
    if (secret.state === "available") {
      secret.state = "initializing";
      this.fetch(id);
    }
    secret.waiters.push(waiter);
  }

  /** Nobody needs it any more. */
  forget(id: string): void {
    const secret = this.held.get(id);
    if (!secret) return;
    secret.timer?.cancel();
    this.held.delete(id);
    this.queue = this.queue.filter((one) => one !== id);
    for (const waiter of secret.waiters)
      waiter.secretFailed(id, "the identity is no longer needed");
  }

  fetch(id: string): void {
    if (this.busy.has(id) || this.queue.includes(id)) return;
    this.queue.push(id);
    this.next();
  }

  next(): void {
    while (this.busy.size < CONCURRENCY && this.queue.length) {
      const id = this.queue.shift() as string;
      const secret = this.held.get(id);
      if (!secret) continue;
      this.busy.add(id);
      secret.key = generateKey("p256", this.random);
      const name = spiffeOf(id);
      const request = makeRequest(
        { subject: makeName([]), alternativeNames: [{ kind: "uri", value: name }] },
        secret.key,
      );
      this.issuer.request(id, requestToPem(request), this);
    }
  }

  issued(id: string, answer: Issued | Status): void {
    this.busy.delete(id);
    const secret = this.held.get(id);
    if (secret) {
      if ("code" in answer) this.refused(secret, answer);
      else this.accept(secret, answer);
    }
    this.next();
  }

  accept(secret: Secret, { chain, roots, key: made }: Issued): void {
    const [leaf] = chain;
    const { id } = secret;
    const key = made ?? secret.key;
    if (!leaf || !key) return;
    // Who hands out keys has looked at the workload: it says who that is.
    if (!made && !uriNames(leaf).includes(spiffeOf(id)))
      return this.refused(secret, {
        code: "INTERNAL",
        message: `did not find expected SAN: ${spiffeOf(id)}`,
      });
    const again = secret.identity !== null;
    secret.identity = { chain, key };
    secret.roots = roots;
    secret.key = null;
    secret.state = "available";
    secret.error = null;
    secret.backoff = FIRST_BACKOFF;
    const half = Math.max(0, (leaf.notAfter - this.now) / 2);
    this.arm(secret, half * 1e6);
    this.owner.fetched(id, secret, again);
    for (const waiter of secret.waiters.splice(0)) waiter.secretReady(id);
  }

  refused(secret: Secret, error: Status): void {
    const { id } = secret;
    const spread = 1 + JITTER * (2 * (this.random.bytes(1)[0]! / 255) - 1);
    let retry = Math.round(secret.backoff * spread);
    secret.backoff = Math.min(secret.backoff * 2, MAX_BACKOFF);
    const held = this.identity(id)?.chain[0];
    if (held) retry = Math.min(retry, (held.notAfter - this.now) * 1e6);
    secret.state = held ? "available" : "unavailable";
    secret.error = held ? null : error;
    this.arm(secret, retry);
    this.owner.failed(id, error, retry, held !== undefined);
    if (held) return;
    for (const waiter of secret.waiters.splice(0)) waiter.secretFailed(id, error.message);
  }

  arm(secret: Secret, delay: number): void {
    secret.timer?.cancel();
    secret.timer = this.sim.after(delay, this, "renew", secret.id);
  }

  wake(_reason: string, arg: unknown): void {
    const id = arg as string;
    if (this.held.has(id)) this.fetch(id);
  }

  stop(): void {
    for (const { timer } of this.held.values()) timer?.cancel();
    this.held.clear();
    this.queue = [];
    this.issuer.stop();
  }
}

/** The identity in a secret's name: Envoys of 2022 ask for "IDENTITY~POD~UID". */
export function spiffeOf(id: string): string {
  return id.split("~")[0] ?? id;
}
