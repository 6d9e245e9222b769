import type { Process } from "../../host/process.ts";
import type { KeyLog } from "../../tls/config.ts";
import { SignatureCache } from "../../tls/x509/verify.ts";
import { ISTIOD_HOST, SECURE_PORT } from "../istiod/istiod.ts";
import { ADDRESS, ADDRESS_TYPE, AUTHORIZATION, type Node } from "../istiod/messages.ts";
import type { Address, Authorization } from "../istiod/workload-messages.ts";
import { XdsClient, type XdsOwner } from "../xds/client.ts";
import { authorizationOf, BadMessage, serviceOf, workloadOf } from "./messages.ts";
import type { Ztunnel } from "./ztunnel.ts";

/** How ztunnel calls itself. */
export const USER_AGENT = "ztunnel";

/** What istiod tells a ztunnel: who is in the mesh, and who may call whom. */
export class Discovery implements XdsOwner {
  ztunnel: Ztunnel;
  client: XdsClient;
  waiting: Set<string>;

  constructor(ztunnel: Ztunnel, process: Process, node: Node, keyLog: KeyLog) {
    this.ztunnel = ztunnel;
    const messages = [ADDRESS, AUTHORIZATION];
    this.client = new XdsClient(
      {
        process,
        host: ISTIOD_HOST,
        port: SECURE_PORT,
        keyLog,
        signatures: new SignatureCache(),
        userAgent: USER_AGENT,
        messages,
        node,
      },
      this,
    );
    this.waiting = new Set(this.client.expected);
    this.client.start();
  }

  added(type: string, _name: string, message: object): string | null {
    try {
      if (type === ADDRESS_TYPE) this.address(message as Address);
      else this.ztunnel.policyChanged(authorizationOf(message as Authorization));
      return null;
    } catch (error) {
      if (!(error instanceof BadMessage)) throw error;
      return error.message;
    }
  }

  address({ type }: Address): void {
    if (type.case === "workload") this.ztunnel.workloadChanged(workloadOf(type.value));
    else if (type.case === "service") this.ztunnel.serviceChanged(serviceOf(type.value));
    else throw new BadMessage("unknown address type");
  }

  removed(type: string, name: string): void {
    if (type === ADDRESS_TYPE) this.ztunnel.addressRemoved(name);
    else this.ztunnel.policyRemoved(name);
  }

  synced(type: string): void {
    this.waiting.delete(type);
    if (this.waiting.size === 0) this.ztunnel.complete("state manager");
  }

  xdsLog(level: "info" | "warn" | "error", span: string, text: string): void {
    this.ztunnel.log.write(level, `xds::client:${span}`, text);
  }

  stop(): void {
    this.client.stop();
  }
}
