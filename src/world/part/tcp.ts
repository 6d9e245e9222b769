import { tcpIcmpError, tcpRcv } from "../../net/tcp/input.ts";
import { installTransport } from "../../net/transport.ts";
import { IPPROTO_TCP } from "../../wire/ipv4.ts";

/** TCP, for segments that no socket of a program sends; whoever has its sockets has it with them. */
export function install(): void {
  installTransport(IPPROTO_TCP, { receive: tcpRcv, error: tcpIcmpError });
}
