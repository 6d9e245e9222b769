import type { Answer, Call, Event, Hello, Init, Request } from "../../embed/protocol.ts";

const VERSION = 1;

/**
 * The frame's end of the port to its host page. Only the parent is heard, only from the origin that the
 * address names, and only once; until then what is told waits.
 */
export class Host {
  origin: string | null;
  port: MessagePort | null = null;
  untold: Event[] = [];
  /** Does what the host asks; throws what is wrong. */
  onCall: (call: Call) => Promise<string | null> = async () => null;
  /** Calls that came before anybody could answer wait for this. */
  able: Promise<void>;
  sayAble: () => void = () => {};

  constructor(origin: string | null) {
    this.origin = origin;
    this.able = new Promise((resolve) => {
      this.sayAble = resolve;
    });
  }

  /** Say hello, where there is a host page that wants to speak. */
  begin(): void {
    if (window.parent === window || this.origin === null) return;
    addEventListener("message", this.hear);
    const hello: Hello = { type: "hopscope:hello", v: VERSION };
    // An opaque origin cannot be named; there is nothing in it that others must not read.
    window.parent.postMessage(hello, this.origin === "null" ? "*" : this.origin);
  }

  hear = (event: MessageEvent): void => {
    if (event.source !== window.parent || event.origin !== this.origin) return;
    const init = event.data as Init | null;
    const port = event.ports[0];
    if (init?.type !== "hopscope:init" || !port || this.port) return;
    removeEventListener("message", this.hear);
    this.port = port;
    if (init.v !== VERSION) {
      const message = `This frame speaks version ${VERSION} of its protocol, not ${init.v}.`;
      port.postMessage({ type: "error", message } satisfies Event);
      return;
    }
    port.onmessage = ({ data }) => void this.answer(data as Request);
    for (const event of this.untold.splice(0)) port.postMessage(event);
  };

  tell(event: Event): void {
    if (this.port) this.port.postMessage(event);
    // What nobody may ever fetch must not pile up.
    else if (this.untold.length < 100) this.untold.push(event);
  }

  async answer(request: Request): Promise<void> {
    const answer: Answer = { type: "answer", id: request.id, value: null, error: null };
    try {
      await this.able;
      answer.value = await this.onCall(request);
    } catch (error) {
      answer.error = error instanceof Error ? error.message : String(error);
    }
    this.port?.postMessage(answer);
  }
}
